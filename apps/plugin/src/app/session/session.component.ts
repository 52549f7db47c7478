import {
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  ElementRef,
  inject,
  input,
  linkedSignal,
  NgZone,
  output,
  signal,
  untracked,
  viewChild,
  type OnDestroy,
  type OnInit,
} from '@angular/core';
import type { Endpoint, WatchersMessage, WatchingMessage } from '@remote-access/contracts';
import { DesktopComponent, type DesktopPhase } from '../desktop/desktop.component';
import { EndpointClient } from '../endpoints/endpoint-client';
import { currentUserName, darkTheme } from '../host/page-context';
import { AlertService } from '../host/sdk';
import { PlatformCalls } from '../host/platform-calls';
import { windowAddress } from '../host/window-address';
import { TerminalComponent } from '../terminal/terminal.component';
import { QuestionDialog } from '../ui/question-dialog.component';
import { Refusal } from '../ui/refusal';
import { gettext, type Message } from '../ui/message';
import { BrowserWindow } from './browser-window';
import { HeadStarts } from './connection/head-starts';
import { HostKeyQuestionComponent } from './host-key-question.component';
import type { Latency } from './connection/latency-meter';
import { NoticeDialog } from './notice-dialog.component';
import { PromptFormComponent } from './prompt-form.component';
import { SessionClosingComponent } from './session-closing.component';
import { SessionBarComponent } from './session-bar.component';
import { SessionDetailsComponent } from './session-details.component';
import { SessionEndingComponent } from './session-ending.component';
import { SessionInterruptionComponent } from './session-interruption.component';
import { SessionLink } from './connection/session-link';
import { SessionOrigin } from './session-origin';
import { isUnderWay, type Ended, type SessionState } from './connection/session-machine';
import { StatePace } from './connection/state-pace';
import type { SessionTarget } from './session-target';
import { hopWarning, statusOf } from './session-status';
import { SessionStepsComponent } from './session-steps.component';
import { EarlyOutput, type SessionViewer } from './session-viewer';
import { WatcherNoticeComponent } from './watcher-notice.component';
import { DomIds } from '../ui/dom-ids';

/** After a click in the list, the endpoint is read again: it may have been edited since. */
const REFRESH_AFTER_MS = 1_000;

/**
 * If the tab crashes, the service sends the output since the last save again, up to 256 KiB of it.
 */
const SAVE_EVERY_MS = 5_000;

/** The Web SDK renews its sign-in well before it expires. */
const RENEW_EVERY_MS = 10 * 60_000;

const NOT_LOADED = gettext('The session viewer could not be loaded. Reload the page.');

/** The elements that answer a question, the harmless answer first. */
const QUESTION = '.question input, .question button';

const UNMEASURED: Latency = { nowMs: undefined, p95Ms: undefined, unstable: false, hops: {} };

/**
 * A session with one endpoint: its steps, its terminal or desktop, and how it ended. A page may
 * have several, so anything that exists once per window belongs to the page.
 */
@Component({
  selector: 'ra-session',
  imports: [
    DesktopComponent,
    HostKeyQuestionComponent,
    PromptFormComponent,
    SessionBarComponent,
    SessionClosingComponent,
    SessionDetailsComponent,
    SessionEndingComponent,
    SessionInterruptionComponent,
    SessionStepsComponent,
    TerminalComponent,
    WatcherNoticeComponent,
  ],
  providers: [DomIds, NoticeDialog, QuestionDialog],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: {
    '(window:beforeunload)': 'askBeforeUnloading($event)',
    '(window:pagehide)': 'suspend()',
    '(window:online)': 'networkIsBack()',
    '(document:visibilitychange)': 'updateVisibility()',
  },
  templateUrl: './session.component.html',
  styleUrls: ['./session.component.css', '../ui/readable-buttons.css'],
})
export class SessionComponent implements OnInit, OnDestroy {
  protected readonly ids = inject(DomIds);
  /** Fixed for the lifetime of the component. */
  readonly target = input.required<SessionTarget>();
  /** The page's tab, under which the session is stored for a reload. */
  readonly tab = input('');
  /** Whether the user's input goes to it. Another session may be next to it, or shown instead. */
  readonly active = input(true);
  /** Whether it is visible. */
  readonly shown = input(true);
  /** After a reload: a session that cannot be resumed begins when the user looks at it. */
  readonly isRestored = input(false);
  /** Whether this is a pop-up window with nothing but sessions. */
  readonly isPopup = input(false);
  readonly fullScreen = input(false);
  /** Whether the page has no other heading. */
  readonly isTitle = input(false);
  readonly stateChanged = output<SessionState>();
  readonly endpointFound = output<Endpoint>();
  /** The session needs the attention of a user who may be looking elsewhere. */
  readonly noticed = output<string>();
  readonly fullScreenToggled = output();
  /** The user no longer needs it. */
  readonly dismissed = output();

  private readonly zone = inject(NgZone);
  private readonly platform = inject(PlatformCalls);
  private readonly alerts = inject(AlertService);
  private readonly notices = inject(NoticeDialog);
  private readonly headStarts = inject(HeadStarts);
  private readonly terminal = viewChild(TerminalComponent);
  private readonly desktop = viewChild(DesktopComponent);
  protected readonly viewer = computed<SessionViewer | undefined>(
    () => this.terminal() ?? this.desktop(),
  );
  private readonly ending = viewChild(SessionEndingComponent);
  protected readonly bar = viewChild.required(SessionBarComponent);

  private readonly browserWindow = inject(BrowserWindow);
  private readonly timesAsked = signal(0);
  /** Read only when it is shown: the browser asks another process for it, which blocks the page. */
  protected readonly notifications = computed(
    () => (this.timesAsked(), this.browserWindow.permission),
  );
  protected readonly dark = darkTheme();
  protected readonly endpoint = signal<Endpoint | undefined>(undefined);
  /** Who watches this session. */
  protected readonly watchers = signal<WatchersMessage | undefined>(undefined);
  protected readonly watched = signal<WatchingMessage | undefined>(undefined);
  protected readonly desktopPhase = signal<DesktopPhase>('waiting');
  protected readonly state = signal<SessionState>({ phase: 'idle' });
  private readonly connectsSlowly = signal(false);
  /** What the server says before it decides about the sign-in is shown in place of the steps. */
  private readonly hasServerSpoken = signal(false);
  protected readonly latency = signal(UNMEASURED);
  protected readonly title = signal('');
  protected readonly detailsShown = signal(false);

  protected readonly started = computed(() => {
    const state = this.state();
    return state.phase === 'idle' ? undefined : state;
  });
  /** Whose steps are listed. */
  protected readonly connecting = computed(() => {
    const state = this.state();
    const isListed = this.connectsSlowly() && !this.hasServerSpoken();
    return state.phase === 'connecting' && isListed ? state : undefined;
  });
  protected readonly interrupted = computed(() => {
    const state = this.state();
    return state.phase === 'interrupted' ? state : undefined;
  });
  protected readonly ended = computed(() => {
    const state = this.state();
    return state.phase === 'ended' ? state : undefined;
  });
  protected readonly question = computed(() => {
    const state = this.state();
    return isUnderWay(state) ? state.question : undefined;
  });
  protected readonly closing = computed(() => {
    const state = this.state();
    return isUnderWay(state) ? state.closing : undefined;
  });
  protected readonly status = computed(() => {
    const inHandshake = isUnderWay(this.state()) && this.desktopPhase() === 'handshake';
    const text = inHandshake ? gettext('Starting VNC handshake…') : statusOf(this.state());
    if (isUnderWay(this.state()) && this.watched()?.state === 'asking') {
      return gettext('Waiting for the user to agree…');
    }
    return (isUnderWay(this.state()) && hopWarning(this.latency().hops)) || text;
  });

  protected link?: SessionLink;
  private readonly pace = new StatePace((state, isSlow) =>
    this.zone.run(() => {
      this.connectsSlowly.set(isSlow);
      this.show(state);
    }),
  );
  private destroyed = false;

  private readonly userName = currentUserName();
  private origin: SessionOrigin | undefined;
  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef);
  private readonly isResumable = signal(false);
  private readonly mayStart = computed(
    () => !this.isRestored() || this.isResumable() || this.hasBeenShown(),
  );
  private readonly hasBeenShown = linkedSignal<boolean, boolean>({
    source: this.shown,
    computation: (isShown, before) => isShown || (before?.value ?? false),
  });
  private readonly saving = setInterval(() => this.saveScreen(), SAVE_EVERY_MS);
  private readonly renewal = setInterval(() => void this.link?.renewSignIn(), RENEW_EVERY_MS);

  constructor() {
    effect(() => {
      const viewer = this.viewer();
      if (viewer && this.mayStart())
        untracked(() => this.runOutsideZone(() => this.startSession(viewer)));
    });
  }

  ngOnInit(): void {
    void this.openEndpoint();
  }

  ngOnDestroy(): void {
    this.destroyed = true;
    clearInterval(this.renewal);
    clearInterval(this.saving);
    this.link?.close();
    this.pace.stop();
    this.origin?.tickets.discard();
  }

  /** Moves the focus to what is waiting for the user: a question, the end, or the viewer. */
  focus(): void {
    if (this.question()) this.host.nativeElement.querySelector<HTMLElement>(QUESTION)?.focus();
    else if (this.ended()) this.ending()?.focus();
    else this.viewer()?.focus();
  }

  /**
   * Only if the user's input goes to this session: otherwise text typed elsewhere would end up
   * here.
   */
  private focusViewer(): void {
    if (this.active()) this.viewer()?.focus();
  }

  /** The session from before the reload is over. */
  private startAgain(): void {
    this.alerts.warning(gettext('The session has ended in the meantime.'));
    this.viewer()?.reset();
    this.runOutsideZone(() => this.link?.connect());
  }

  /** With the keyboard, the focus stays on the button while the details are shown. */
  protected toggleDetails({ detail }: UIEvent): void {
    this.detailsShown.set(!this.detailsShown());
    if (detail > 0 || !this.detailsShown()) this.focus();
  }

  protected reconnect(): void {
    const { link } = this;
    if (!link) return void this.openEndpoint();
    this.viewer()?.reset();
    this.runOutsideZone(() => link.connect());
  }

  /** Ends the session. */
  disconnect(): void {
    this.viewer()?.sessionEnding?.();
    this.link?.disconnect();
  }

  protected askBeforeUnloading(event: BeforeUnloadEvent): void {
    if (isUnderWay(this.state())) event.preventDefault();
  }

  protected updateVisibility(): void {
    this.link?.setVisible(!document.hidden);
    if (!document.hidden && this.interrupted()) this.networkIsBack();
  }

  protected networkIsBack(): void {
    this.runOutsideZone(() => this.link?.networkIsBack());
  }

  /** The page is being hidden or reloaded: a session that can be resumed waits for it. */
  protected suspend(): void {
    if (this.link?.resumePoint) return this.saveScreen();
    this.viewer()?.sessionEnding?.();
    this.link?.close();
  }

  protected desktopIs(phase: DesktopPhase): void {
    this.desktopPhase.set(phase);
    if (phase === 'shown') this.focusViewer();
  }

  protected giveUp(message: Message): void {
    this.link?.giveUp('target', 'not-shown', message);
  }

  protected async askToNotify(): Promise<void> {
    await this.browserWindow.askToNotify();
    this.timesAsked.update(times => times + 1);
    this.viewer()?.focus();
  }

  protected openPopup(): void {
    const endpoint = this.endpoint();
    if (!endpoint) return;
    const address = windowAddress(this.target().deviceId, endpoint);
    // Keep the focus in the viewer, so that the user can continue typing after coming back.
    if (this.browserWindow.openPopup(address)) return this.viewer()?.focus();
    this.alerts.warning(
      gettext('The browser blocked the new window. Allow pop-ups for this address and try again.'),
    );
  }

  /** The endpoint's protocol decides which viewer the page shows. */
  private async openEndpoint(): Promise<void> {
    const target = this.target();
    const origin = new SessionOrigin({
      platform: this.platform,
      headStarts: this.headStarts,
      // Declining closes only this session; others of the page continue.
      accept: notice => this.notices.accepts(notice, () => this.dismissed.emit()),
      target,
      user: this.userName,
      tab: this.tab(),
      isShown: this.shown(),
    });
    this.origin = origin;
    this.isResumable.set(origin.isResumable);
    if (origin.endpoint) {
      this.showEndpoint(origin.endpoint);
      // Connecting comes first.
      await new Promise(resolve => setTimeout(resolve, REFRESH_AFTER_MS));
      if (this.destroyed) return;
    }
    const endpoint = await new EndpointClient(this.platform, target.deviceId).find(
      target.endpointId,
    );
    if (this.destroyed) return;
    if (!(endpoint instanceof Refusal)) this.showEndpoint(endpoint);
    // Otherwise the ticket is refused for the same reason.
    else if (!origin.endpoint)
      this.show(endedWith({ by: 'service', code: 'refused', refusal: endpoint }));
  }

  private showEndpoint(endpoint: Endpoint): void {
    const before = this.endpoint();
    if (before && before.protocol !== endpoint.protocol) this.link?.close();
    this.endpoint.set(endpoint);
    this.endpointFound.emit(endpoint);
  }

  /**
   * Outside Angular's zone, in which each message and each frame of a session would make the product
   * check all its parts. What is shown changes through signals.
   */
  private runOutsideZone(work: () => unknown): void {
    void this.zone.runOutsideAngular(work);
  }

  private async startSession(viewer: SessionViewer): Promise<void> {
    const { origin } = this;
    if (!origin) return;
    const { tickets, kept } = origin;
    let isLoaded = false;
    // After a click in the list, the page around the session is already there; in a window of its
    // own, there is none.
    const settled = origin.endpoint || this.isPopup() ? undefined : viewer.settled?.();
    let connected!: () => void;
    const connecting = new Promise<void>(resolve => (connected = resolve));
    // The click has already opened a WebSocket.
    if (origin.size) connected();
    let phase: SessionState['phase'] = 'idle';
    const output = new EarlyOutput((bytes, drawn) => {
      if (this.state().phase === 'connecting') this.hasServerSpoken.set(true);
      // The last output of a terminal is still drawn; a last picture is removed.
      if (viewer === this.terminal() || isUnderWay(this.state())) viewer.draw(bytes, drawn);
    });
    const link = new SessionLink({
      requestTicket: async (resume, isUnattended) => {
        const ticket = await tickets.requestTicket(resume, isUnattended);
        await settled;
        return ticket;
      },
      openSocket: (ticket, subprotocol) => tickets.openSocket(ticket, subprotocol),
      resumingSocket: request => tickets.resumingSocket(request),
      refusedUpgrade: () => tickets.refusedUpgrade(),
      renewalTicket: () => tickets.renewalTicket(),
      nowMs: () => performance.now(),
      draw: output.draw,
      connected,
      // Until the viewer has loaded, measuring the page takes as long as rendering it.
      size: () => (isLoaded ? undefined : origin.size) ?? viewer.size,
      resumable: viewer === this.terminal(),
      beginsAgain: () => this.desktop()?.hasPicture ?? false,
      screen: () => {
        const data = viewer.visibleScreen?.();
        return data === undefined ? undefined : { ...viewer.size, data };
      },
      watchersChanged: watchers => this.watchers.set(watchers),
      watchingChanged: watching => this.watched.set(watching),
      claimChanged: claim => kept.claimChanged(claim),
      stateChanged: state => {
        if (state.phase === 'ended') connected();
        if (state.phase === 'open' && phase !== 'open') this.opened();
        ({ phase } = state);
        this.pace.next(state);
      },
      latencyChanged: latency => this.latency.set(latency),
    });
    this.link = link;
    this.updateVisibility();
    const isNew = origin.isNew(viewer);
    // While the viewer loads. Resuming needs a screen that is already there.
    if (isNew) void link.connect();
    else connected();
    try {
      await viewer.load(connecting, origin.size);
    } catch {
      return link.giveUp('client', 'not-loaded', { text: NOT_LOADED });
    }
    isLoaded = true;
    if (this.destroyed || link !== this.link) return;
    output.viewerIsReady();
    const isObsolete = (): boolean => this.destroyed || link !== this.link;
    if (!isNew) return origin.resume(link, viewer, isObsolete);
    if (link.state.phase === 'open') this.focusViewer();
    // Until now the size was an estimate, and the page around the session may still be loading.
    await (settled ? viewer.settled?.() : viewer.fitted?.());
    if (isObsolete()) return;
    const { cols, rows } = viewer.size;
    link.resize(cols, rows);
    if (viewer === this.terminal()) this.headStarts.remember({ cols, rows });
  }

  /** Before the state is shown: moving the focus computes the styles of what has changed. */
  private opened(): void {
    this.viewer()?.sessionOpened?.();
    this.focusViewer();
  }

  private saveScreen(): void {
    const point = this.link?.resumePoint;
    if (point) this.origin?.kept.saveScreen(point, () => this.viewer()?.snapshot?.());
  }

  private show(state: SessionState): void {
    const before = this.state().phase;
    if (this.destroyed) return;
    const wasAsking = this.question() !== undefined;
    if (this.origin?.hasFailed(state) && this.active()) return this.startAgain();
    this.state.set(state);
    this.stateChanged.emit(state);
    if (wasAsking && !this.question()) this.focusViewer();
    if (!wasAsking && this.question()) this.noticed.emit(gettext('Waiting for your answer'));
    if (state.phase === before) return;
    if (state.phase === 'connecting') {
      this.title.set('');
      this.hasServerSpoken.set(false);
    }
    if (state.phase !== 'open') this.watchers.set(undefined);
    if (state.phase === 'interrupted') this.viewer()?.sessionInterrupted?.();
    if (state.phase === 'ended') this.viewer()?.sessionEnded();
    if (state.phase === 'ended') this.noticed.emit(gettext('The session has ended.'));
    // Take the focus out of the terminal, which captures Tab, so that the next Tab reaches
    // Reconnect.
    if (state.phase === 'ended' && this.active()) setTimeout(() => this.ending()?.focus());
  }
}

/** The end of a session that never began. */
function endedWith(cause: Pick<Ended, 'by' | 'code' | 'message' | 'refusal'>): Ended {
  return {
    phase: 'ended',
    ...{ text: '', hint: '', wasOpen: false },
    ...{ startedAtMs: 0, reachedAtMs: {}, endedAfterMs: 0 },
    ...cause,
  };
}
