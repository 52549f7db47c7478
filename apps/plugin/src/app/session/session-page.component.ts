import {
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  inject,
  signal,
  untracked,
  viewChild,
  type OnDestroy,
  type Signal,
  type TemplateRef,
} from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { ActivatedRoute, Router } from '@angular/router';
import type {
  Endpoint,
  WatchersMessage,
  WatchingMessage,
  WatchRequest,
} from '@remote-access/contracts';
import { map } from 'rxjs';
import { DesktopComponent, type DesktopPhase } from '../desktop/desktop.component';
import { EndpointClient } from '../endpoints/endpoint-client';
import { currentDevice, currentUserName, darkTheme } from '../host/page-context';
import { AlertService, C8yTranslatePipe, TitleComponent } from '../host/sdk';
import { PlatformCalls } from '../host/platform-calls';
import { windowAddress } from '../host/window-address';
import { TerminalComponent } from '../terminal/terminal.component';
import type { LeavablePage } from '../ui/leavable-page';
import { QuestionDialog } from '../ui/question-dialog.component';
import { Refusal } from '../ui/refusal';
import { gettext, type Message } from '../ui/message';
import { BackgroundNotices } from './background-notices';
import { BrowserWindow } from './browser-window';
import { EarlyOutput } from './early-output';
import { HostKeyQuestionComponent } from './host-key-question.component';
import type { Latency } from './latency-meter';
import { NoticeDialog } from './notice-dialog.component';
import { PromptFormComponent } from './prompt-form.component';
import { SessionClosingComponent } from './session-closing.component';
import { ResumeClaim } from './resume-claim';
import { holdSession, SavedSessions } from './saved-session';
import { SessionBarComponent } from './session-bar.component';
import { SessionDetailsComponent } from './session-details.component';
import { SessionEndingComponent } from './session-ending.component';
import { SessionInterruptionComponent } from './session-interruption.component';
import { SessionLink } from './session-link';
import { isUnderWay, type Ended, type SessionState } from './session-machine';
import { windowTitle } from './session-names';
import { gatewayTrouble, statusOf } from './session-status';
import { SessionStepsComponent } from './session-steps.component';
import { TicketClient } from './ticket-client';
import { WatcherNoticeComponent } from './watcher-notice.component';

/** What the page needs of a viewer, which fills the page: it draws output and takes input. */
interface SessionViewer {
  /** For the bar of the page. */
  readonly tools: Signal<TemplateRef<unknown>>;
  /** Size of the terminal, in cells. */
  readonly size: { cols: number; rows: number };
  /**
   * Loads the library that draws. Rejects if that fails: offline, or the plugin was updated.
   * @param connecting until then, what keeps the page from sending anything is put off
   */
  load(connecting: Promise<void>): Promise<void>;
  /** Draws output in order, and calls `drawn` once it is processed. */
  draw(bytes: Uint8Array<ArrayBuffer>, drawn: () => void): void;
  /** What is displayed, as output that displays it again. */
  snapshot?(): string | undefined;
  restore?(snapshot: string): void;
  /** What is displayed without what was scrolled away, bounded. */
  visibleScreen?(): string | undefined;
  /** The connection is lost. What is on the screen stays, marked as of before. */
  sessionInterrupted?(): void;
  sessionOpened(): void;
  /** The user ends the session, which still takes input. */
  sessionEnding?(): void;
  sessionEnded(): void;
  /** Prepares for the next session. What can stay on the screen stays. */
  reset(): void;
  focus(): void;
}

/** What a crash of the tab loses of the screen, the service sends again: at most its last 256 KiB. */
const SAVE_EVERY_MS = 5_000;

/** The Web SDK renews its sign-in well before it expires. */
const RENEW_EVERY_MS = 10 * 60_000;

const NOT_LOADED = gettext('The session viewer could not be loaded. Reload the page.');

const UNMEASURED: Latency = { nowMs: undefined, p95Ms: undefined, unstable: false, hops: {} };

/** A session with one endpoint: its steps, its terminal or desktop, and how it ended. */
@Component({
  selector: 'ra-session-page',
  imports: [
    C8yTranslatePipe,
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
    TitleComponent,
    WatcherNoticeComponent,
  ],
  providers: [C8yTranslatePipe, NoticeDialog, QuestionDialog],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: {
    '(window:beforeunload)': 'askBeforeUnloading($event)',
    '(window:pagehide)': 'suspend()',
    '(window:online)': 'link?.networkIsBack()',
    '(document:visibilitychange)': 'updateVisibility()',
    '(document:fullscreenchange)': 'fullScreen.set(browserWindow.isFullScreen)',
  },
  templateUrl: './session-page.component.html',
  styleUrls: ['./session-page.component.css', '../ui/readable-buttons.css'],
})
export class SessionPageComponent implements LeavablePage, OnDestroy {
  private readonly platform = inject(PlatformCalls);
  private readonly alerts = inject(AlertService);
  private readonly questions = inject(QuestionDialog);
  private readonly notices = inject(NoticeDialog);
  private readonly route = inject(ActivatedRoute);
  private readonly router = inject(Router);
  private readonly texts = inject(C8yTranslatePipe);
  private readonly terminal = viewChild(TerminalComponent);
  private readonly desktop = viewChild(DesktopComponent);
  protected readonly viewer = computed<SessionViewer | undefined>(
    () => this.terminal() ?? this.desktop(),
  );
  private readonly ending = viewChild(SessionEndingComponent);
  protected readonly bar = viewChild.required(SessionBarComponent);

  protected readonly browserWindow = new BrowserWindow();
  private readonly background = new BackgroundNotices(this.browserWindow);
  protected readonly notifications = signal(this.browserWindow.permission);
  protected readonly dark = darkTheme();
  protected readonly device = currentDevice();
  private readonly deviceId = computed(() => this.device().id);
  protected readonly gateway = computed(() => this.device().name ?? this.deviceId());
  private readonly endpointId = toSignal(
    this.route.paramMap.pipe(map(params => params.get('endpointId') ?? '')),
    { initialValue: '' },
  );
  protected readonly isPopup = toSignal(
    this.route.queryParamMap.pipe(map(params => params.has('window'))),
    { initialValue: false },
  );
  protected readonly endpoint = signal<Endpoint | undefined>(undefined);
  /** Who watches this session. */
  protected readonly watchers = signal<WatchersMessage | undefined>(undefined);
  /** The desktop of somebody else that this page shows. */
  protected readonly watchedSession = toSignal(
    this.route.queryParamMap.pipe(map(params => watchRequestOf(params.get('watch')))),
    { initialValue: undefined },
  );
  protected readonly watched = signal<WatchingMessage | undefined>(undefined);
  protected readonly desktopPhase = signal<DesktopPhase>('waiting');
  protected readonly state = signal<SessionState>({ phase: 'idle' });
  protected readonly latency = signal(UNMEASURED);
  protected readonly title = signal('');
  protected readonly detailsShown = signal(false);
  protected readonly fullScreen = signal(this.browserWindow.isFullScreen);
  protected readonly alone = computed(() => this.isPopup() || this.fullScreen());

  protected readonly started = computed(() => {
    const state = this.state();
    return state.phase === 'idle' ? undefined : state;
  });
  protected readonly connecting = computed(() => {
    const state = this.state();
    return state.phase === 'connecting' ? state : undefined;
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
    return (isUnderWay(this.state()) && gatewayTrouble(this.latency().hops)) || text;
  });

  protected link?: SessionLink;
  private destroyed = false;

  private readonly userName = currentUserName();
  private tickets: TicketClient | undefined;
  private saved: SavedSessions | undefined;
  private savedOutput = -1;
  /** Gives the session back to other tabs. */
  private release: (() => void) | undefined;
  /** The page was reloaded, and tries to go on with its session. */
  private isRestoring = false;
  private heldSession: string | undefined;
  private readonly saving = setInterval(() => this.saveScreen(), SAVE_EVERY_MS);
  private readonly renewal = setInterval(() => void this.link?.renewSignIn(), RENEW_EVERY_MS);

  constructor() {
    effect(() => {
      const [deviceId, endpointId] = [this.deviceId(), this.endpointId()];
      untracked(() => void this.openEndpoint(deviceId, endpointId));
    });
    effect(() => {
      const endpoint = this.endpoint();
      if (endpoint) this.browserWindow.title = windowTitle(endpoint, this.gateway());
    });
    effect(() => {
      const viewer = this.viewer();
      if (viewer) untracked(() => void this.startSession(viewer));
    });
  }

  /** The key of a session in another window, which goes on here. */
  private get takenOver(): string | null {
    return this.route.snapshot.queryParamMap.get('takeOver');
  }

  ngOnDestroy(): void {
    this.destroyed = true;
    clearInterval(this.renewal);
    clearInterval(this.saving);
    this.link?.close();
    this.browserWindow.restore();
  }

  async mayLeave(): Promise<boolean> {
    if (!isUnderWay(this.state())) return true;
    const answer = await this.questions.ask({
      title: gettext('Leave the session?'),
      icon: 'sign-out',
      sentences: [
        { text: gettext('You are connected. Leaving this page ends the session.') },
        {
          text: gettext(
            'No input is sent. Programs running there are notified that you have disconnected.',
          ),
        },
      ],
      choices: [
        { value: 'stay', label: gettext('Stay'), look: 'default' },
        { value: 'leave', label: gettext('Leave'), look: 'danger' },
      ],
    });
    // The session may have ended while the dialog was open.
    return answer === 'leave' || !isUnderWay(this.state());
  }

  /** The session of before the reload is over. */
  private startAgain(): void {
    this.alerts.warning(gettext('The session has ended in the meantime.'));
    this.viewer()?.reset();
    void this.link?.connect();
  }

  protected reconnect(): void {
    if (!this.link) return void this.openEndpoint(this.deviceId(), this.endpointId());
    this.viewer()?.reset();
    void this.link.connect();
  }

  protected disconnect(): void {
    this.viewer()?.sessionEnding?.();
    this.link?.disconnect();
  }

  protected askBeforeUnloading(event: BeforeUnloadEvent): void {
    if (isUnderWay(this.state())) event.preventDefault();
  }

  protected updateVisibility(): void {
    this.link?.setVisible(!document.hidden);
    if (!document.hidden) this.background.seen();
    if (!document.hidden && this.interrupted()) this.link?.networkIsBack();
  }

  /** The page is hidden for good, or reloaded: a session that can be resumed waits for it. */
  protected suspend(): void {
    if (this.link?.resumePoint) return this.saveScreen();
    this.viewer()?.sessionEnding?.();
    this.link?.close();
  }

  protected giveUp(message: Message): void {
    this.link?.giveUp('target', 'not-shown', message);
  }

  protected async askToNotify(): Promise<void> {
    await this.browserWindow.askToNotify();
    this.notifications.set(this.browserWindow.permission);
    this.viewer()?.focus();
  }

  /** The session needs the user, who may be looking at another tab. */
  protected notify(text: string): void {
    this.background.tell(this.browserWindow.title, this.texts.transform(text) as string);
  }

  protected toggleFullScreen(): void {
    this.browserWindow
      .toggleFullScreen()
      .then(() => this.viewer()?.focus())
      .catch(() => this.alerts.warning(gettext('The browser blocked full screen mode.')));
  }

  protected openPopup(): void {
    const endpoint = this.endpoint();
    if (!endpoint) return;
    const address = windowAddress(this.deviceId(), endpoint);
    // Keep the focus in the viewer, so that the user can go on typing after coming back.
    if (this.browserWindow.openPopup(address)) return this.viewer()?.focus();
    this.alerts.warning(
      gettext('The browser blocked the new window. Allow pop-ups for this address and try again.'),
    );
  }

  /** The endpoint's protocol decides which viewer the page shows. */
  private async openEndpoint(deviceId: string, endpointId: string): Promise<void> {
    this.link?.close();
    this.link = undefined;
    this.endpoint.set(undefined);
    const place = { deviceId, endpointId };
    this.saved = new SavedSessions(() => sessionStorage, { user: this.userName, ...place });
    this.tickets = new TicketClient(
      this.platform,
      notice => this.notices.accepts(notice),
      deviceId,
      endpointId,
      this.watchedSession(),
    );
    // While the endpoint is fetched; a session of before needs a ticket of its own.
    if (!this.takenOver && !this.saved.read()) this.tickets.prepare();
    const endpoint = await new EndpointClient(this.platform, deviceId).find(endpointId);
    // Endpoints of different devices have the same numbers.
    const isLate = deviceId !== this.deviceId() || endpointId !== this.endpointId();
    if (this.destroyed || isLate) return;
    if (endpoint instanceof Refusal)
      this.show(endedWith({ by: 'service', code: 'refused', refusal: endpoint }));
    else this.endpoint.set(endpoint);
  }

  private async startSession(viewer: SessionViewer): Promise<void> {
    const { tickets, saved } = this;
    if (!tickets || !saved) return;
    let connected!: () => void;
    const connecting = new Promise<void>(resolve => (connected = resolve));
    const output = new EarlyOutput((bytes, drawn) => {
      // The last words of a terminal are drawn; the last picture is removed.
      if (viewer === this.terminal() || isUnderWay(this.state())) viewer.draw(bytes, drawn);
    });
    const link = new SessionLink({
      requestTicket: (resume, isUnattended) => tickets.requestTicket(resume, isUnattended),
      openSocket: (ticket, subprotocol) => tickets.openSocket(ticket, subprotocol),
      refusedUpgrade: () => tickets.refusedUpgrade(),
      renewalTicket: () => tickets.renewalTicket(),
      nowMs: () => performance.now(),
      draw: output.draw,
      connected,
      size: () => viewer.size,
      resumable: viewer === this.terminal(),
      beginsAgain: () => this.desktop()?.hasPicture ?? false,
      screen: () => {
        const data = viewer.visibleScreen?.();
        return data === undefined ? undefined : { ...viewer.size, data };
      },
      watchersChanged: watchers => this.watchers.set(watchers),
      watchingChanged: watching => this.watched.set(watching),
      claimChanged: claim => this.keepClaim(saved, claim),
      stateChanged: state => {
        if (state.phase === 'ended') connected();
        this.show(state);
      },
      latencyChanged: latency => this.latency.set(latency),
    });
    this.link = link;
    this.updateVisibility();
    const isNew = !viewer.restore || (!this.takenOver && !saved.read());
    // While the viewer loads. What comes back is put on a screen that has to be there.
    if (isNew) void link.connect();
    else connected();
    try {
      await viewer.load(connecting);
    } catch {
      return link.giveUp('client', 'not-loaded', { text: NOT_LOADED });
    }
    if (this.destroyed || link !== this.link) return;
    output.viewerIsReady();
    if (!isNew) return this.restoreOrConnect(link, saved, viewer);
    // Until now it was an estimate.
    const { cols, rows } = viewer.size;
    link.resize(cols, rows);
    if (this.state().phase === 'open') viewer.focus();
  }

  /** After a reload, the session of before comes back if it still waits. */
  private async restoreOrConnect(
    link: SessionLink,
    saved: SavedSessions,
    viewer: SessionViewer,
  ): Promise<void> {
    const taken = viewer.restore && this.takenOver;
    if (taken) {
      this.isRestoring = true;
      // In the address only once: a reload goes on with the key.
      void this.router.navigate([], {
        queryParams: { takeOver: null },
        queryParamsHandling: 'merge',
        replaceUrl: true,
      });
      return link.restore(new ResumeClaim(taken, 0, [], true), 0);
    }
    const before = viewer.restore ? saved.read() : undefined;
    const release = before && (await holdSession(before.claim.sessionId));
    if (this.destroyed || link !== this.link) return release?.();
    if (!before || !release) return link.connect();
    this.release = release;
    this.heldSession = before.claim.sessionId;
    viewer.restore?.(before.screen);
    this.isRestoring = true;
    link.restore(before.claim, before.output);
  }

  private keepClaim(saved: SavedSessions, claim: ResumeClaim | undefined): void {
    saved.saveClaim(claim);
    this.savedOutput = -1;
    if (claim?.sessionId === this.heldSession) return;
    this.release?.();
    this.release = undefined;
    this.heldSession = claim?.sessionId;
    if (claim) void holdSession(claim.sessionId).then(release => (this.release = release));
  }

  private saveScreen(): void {
    const point = this.link?.resumePoint;
    if (!point || point.output === this.savedOutput) return;
    const screen = this.viewer()?.snapshot?.();
    if (screen === undefined) return;
    this.savedOutput = point.output;
    this.saved?.saveScreen(point.claim, screen, point.output);
  }

  private show(state: SessionState): void {
    const before = this.state().phase;
    if (this.destroyed) return;
    const wasAsking = this.question() !== undefined;
    const wasRestoring = this.isRestoring && state.phase !== 'interrupted';
    if (wasRestoring) this.isRestoring = false;
    if (wasRestoring && state.phase === 'ended' && state.code === 'not-resumed') {
      return this.startAgain();
    }
    this.state.set(state);
    if (wasAsking && !this.question()) this.viewer()?.focus();
    if (!wasAsking && this.question()) this.notify(gettext('Waiting for your answer'));
    if (state.phase === before) return;
    if (state.phase === 'connecting') this.title.set('');
    if (state.phase !== 'open') this.watchers.set(undefined);
    if (state.phase === 'open') this.viewer()?.sessionOpened();
    if (state.phase === 'interrupted') this.viewer()?.sessionInterrupted?.();
    if (state.phase === 'ended') this.viewer()?.sessionEnded();
    if (state.phase === 'ended') this.notify(gettext('The session has ended.'));
    // Take the focus out of the terminal, which captures Tab, so that the next Tab reaches Reconnect.
    if (state.phase === 'ended') setTimeout(() => this.ending()?.focus());
  }
}

function watchRequestOf(sessionId: string | null): WatchRequest | undefined {
  return sessionId === null ? undefined : { sessionId };
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
