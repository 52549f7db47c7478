import { Location } from '@angular/common';
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
} from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { ActivatedRoute, Router } from '@angular/router';
import type { Endpoint } from '@remote-access/contracts';
import { map } from 'rxjs';
import { EndpointDirectory } from '../endpoints/endpoint-directory';
import { currentDevice } from '../host/current-device';
import { darkTheme } from '../host/dark-theme';
import { AlertService, C8yTranslatePipe, TitleComponent } from '../host/kit';
import { PlatformCalls } from '../host/platform-calls';
import { DesktopComponent, type DesktopPhase } from '../desktop/desktop.component';
import { TerminalComponent } from '../terminal/terminal.component';
import { Refusal } from '../ui/refusal';
import { gettext, type Words } from '../ui/words';
import { AskDesk } from './ask-desk';
import { HostKeyQuestionComponent } from './host-key-question.component';
import type { Latency } from './latency-meter';
import type { LeavablePage } from '../host/leave-guard';
import { NoticeDesk } from './notice-desk';
import { PageWindow } from './page-window';
import { PromptFormComponent } from './prompt-form.component';
import { SessionBarComponent } from './session-bar.component';
import { SessionBody } from './session-body';
import { SessionDetailsComponent } from './session-details.component';
import { SessionDoor } from './session-door';
import { SessionEndingComponent } from './session-ending.component';
import { SessionLink } from './session-link';
import { isUnderWay, type SessionState } from './session-state';
import { SessionStepsComponent } from './session-steps.component';
import { statusOf } from './session-words';

const UNMEASURED: Latency = { nowMs: undefined, p95Ms: undefined, unstable: false };

/** A session with one endpoint: how it opens, its terminal or desktop, and how it ended. */
@Component({
  selector: 'ra-session-page',
  imports: [
    C8yTranslatePipe,
    DesktopComponent,
    HostKeyQuestionComponent,
    PromptFormComponent,
    SessionBarComponent,
    SessionDetailsComponent,
    SessionEndingComponent,
    SessionStepsComponent,
    TerminalComponent,
    TitleComponent,
  ],
  providers: [AskDesk, C8yTranslatePipe, NoticeDesk],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: {
    '(window:beforeunload)': 'askBeforeUnloading($event)',
    '(window:pagehide)': 'link?.abandon()',
    '(document:visibilitychange)': 'lookAway()',
    '(document:fullscreenchange)': 'fullScreen.set(pageWindow.isFullScreen)',
  },
  templateUrl: './session-page.component.html',
  styleUrls: ['./session-page.component.css', '../ui/readable-buttons.css'],
})
export class SessionPageComponent implements LeavablePage, OnDestroy {
  private readonly platform = inject(PlatformCalls);
  private readonly alerts = inject(AlertService);
  private readonly asks = inject(AskDesk);
  private readonly notices = inject(NoticeDesk);
  private readonly route = inject(ActivatedRoute);
  private readonly router = inject(Router);
  private readonly location = inject(Location);
  private readonly body = viewChild(SessionBody);
  private readonly ending = viewChild(SessionEndingComponent);
  protected readonly bar = viewChild.required(SessionBarComponent);

  protected readonly pageWindow = new PageWindow();
  protected readonly dark = darkTheme();
  protected readonly device = currentDevice();
  private readonly deviceId = computed(() => this.device().id);
  private readonly endpointId = toSignal(
    this.route.paramMap.pipe(map(params => params.get('endpointId') ?? '')),
    { initialValue: '' },
  );
  protected readonly ownWindow = toSignal(
    this.route.queryParamMap.pipe(map(params => params.has('window'))),
    { initialValue: false },
  );
  protected readonly endpoint = signal<Endpoint | undefined>(undefined);
  protected readonly desktopPhase = signal<DesktopPhase>('waiting');
  protected readonly state = signal<SessionState>({ phase: 'idle' });
  protected readonly latency = signal(UNMEASURED);
  protected readonly title = signal('');
  protected readonly bodyMissing = signal(false);
  protected readonly detailsShown = signal(false);
  protected readonly fullScreen = signal(this.pageWindow.isFullScreen);
  protected readonly alone = computed(() => this.ownWindow() || this.fullScreen());

  protected readonly known = computed(() => {
    const state = this.state();
    return state.phase === 'idle' ? undefined : state;
  });
  protected readonly connecting = computed(() => {
    const state = this.state();
    return state.phase === 'connecting' ? state : undefined;
  });
  protected readonly ended = computed(() => {
    const state = this.state();
    return state.phase === 'ended' ? state : undefined;
  });
  protected readonly question = computed(() => {
    const state = this.state();
    return state.phase === 'connecting' || state.phase === 'open' ? state.question : undefined;
  });
  protected readonly status = computed(() => {
    const greeting = isUnderWay(this.state()) && this.desktopPhase() === 'handshake';
    return greeting ? gettext('Starting VNC handshake…') : statusOf(this.state());
  });

  protected link?: SessionLink;
  private destroyed = false;

  constructor() {
    effect(() => {
      const [deviceId, endpointId] = [this.deviceId(), this.endpointId()];
      untracked(() => void this.find(deviceId, endpointId));
    });
    effect(() => {
      const body = this.body();
      if (body) untracked(() => void this.begin(body));
    });
  }

  ngOnDestroy(): void {
    this.destroyed = true;
    this.link?.abandon();
    this.pageWindow.leaveFullScreen();
  }

  async mayLeave(): Promise<boolean> {
    if (!isUnderWay(this.state())) return true;
    const answer = await this.asks.ask({
      title: gettext('Leave the session?'),
      icon: 'sign-out',
      sentences: [
        { text: gettext('You are connected. Leaving this page ends the session.') },
        { text: gettext('Nothing is typed into it; what runs there is told that you are gone.') },
      ],
      choices: [
        { value: 'stay', label: gettext('Stay'), look: 'default' },
        { value: 'leave', label: gettext('Leave'), look: 'danger' },
      ],
    });
    // It may have ended by itself meanwhile.
    return answer === 'leave' || !isUnderWay(this.state());
  }

  protected reconnect(): void {
    if (!this.link) return void this.find(this.deviceId(), this.endpointId());
    this.body()?.startAnew();
    void this.link.connect();
  }

  protected disconnect(): void {
    this.link?.disconnect();
  }

  protected askBeforeUnloading(event: BeforeUnloadEvent): void {
    if (isUnderWay(this.state())) event.preventDefault();
  }

  protected lookAway(): void {
    this.link?.watched(!document.hidden);
  }

  protected giveUp(words: Words): void {
    this.link?.giveUp('target', 'not-shown', words);
  }

  protected toggleFullScreen(): void {
    this.pageWindow
      .toggleFullScreen()
      .then(() => this.body()?.focus())
      .catch(() => this.alerts.warning(gettext('The browser does not allow full screen here.')));
  }

  protected popOut(): void {
    const tree = this.router.createUrlTree(
      ['/device', this.deviceId(), 'remote-access', this.endpointId()],
      { queryParams: { window: 'own' } },
    );
    const address = this.location.prepareExternalUrl(this.router.serializeUrl(tree));
    // Who comes back to this window types on.
    if (this.pageWindow.open(address)) return this.body()?.focus();
    this.alerts.warning(
      gettext('The browser opened no window. Allow pop-up windows for this address.'),
    );
  }

  /** What the endpoint speaks decides what fills the page. */
  private async find(deviceId: string, endpointId: string): Promise<void> {
    this.link?.abandon();
    this.link = undefined;
    this.endpoint.set(undefined);
    const endpoint = await new EndpointDirectory(this.platform, deviceId).find(endpointId);
    if (this.destroyed || endpointId !== this.endpointId()) return;
    if (endpoint instanceof Refusal) this.show(refusedState(endpoint));
    else this.endpoint.set(endpoint);
  }

  private async begin(body: SessionBody): Promise<void> {
    try {
      await body.load();
    } catch {
      this.bodyMissing.set(true);
      return;
    }
    if (this.destroyed || body !== this.body()) return;
    const door = new SessionDoor(this.platform, this.notices, this.deviceId(), this.endpointId());
    this.link = new SessionLink({
      requestTicket: () => door.requestTicket(),
      openSocket: (ticket, subprotocol) => door.openSocket(ticket, subprotocol),
      nowMs: () => performance.now(),
      draw: (bytes, drawn) => body.draw(bytes, drawn),
      size: () => body.size,
      changed: state => this.show(state),
      measured: latency => this.latency.set(latency),
    });
    this.lookAway();
    await this.link.connect();
  }

  private show(state: SessionState): void {
    const before = this.state().phase;
    if (this.destroyed) return;
    const asked = this.question() !== undefined;
    this.state.set(state);
    if (asked && !this.question()) this.body()?.focus();
    if (state.phase === before) return;
    if (state.phase === 'connecting') this.title.set('');
    if (state.phase === 'open') this.body()?.begin();
    if (state.phase === 'ended') this.body()?.end();
    // The terminal would keep Tab to itself: the next one should reach Reconnect.
    if (state.phase === 'ended') setTimeout(() => this.ending()?.focus());
  }
}

function refusedState(refusal: Refusal): SessionState {
  return {
    phase: 'ended',
    ...{ by: 'service', code: 'refused', text: '', hint: '', wasOpen: false, refusal },
    ...{ startedAtMs: 0, reachedAtMs: {}, endedAfterMs: 0 },
  };
}
