import {
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  inject,
  signal,
  untracked,
  viewChild,
  type ElementRef,
  type OnDestroy,
} from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { ActivatedRoute, RouterLink } from '@angular/router';
import type { Endpoint } from '@remote-access/contracts';
import { map } from 'rxjs';
import { EndpointDirectory } from '../endpoints/endpoint-directory';
import { currentDevice } from '../host/current-device';
import { darkTheme } from '../host/dark-theme';
import { C8yTranslatePipe, IconDirective, TitleComponent } from '../host/kit';
import { PlatformCalls } from '../host/platform-calls';
import { DesktopComponent, type DesktopPhase } from '../desktop/desktop.component';
import { TerminalComponent } from '../terminal/terminal.component';
import { Refusal } from '../ui/refusal';
import { SayPipe } from '../ui/say.pipe';
import { gettext, type Words } from '../ui/words';
import { NoticeDesk } from './notice-desk';
import { SessionBody } from './session-body';
import { SessionDoor } from './session-door';
import { SessionLink } from './session-link';
import { mayRetry, type SessionState } from './session-state';
import { SessionStepsComponent } from './session-steps.component';
import { endedHeading, endedReasons, STAGE_WORDS } from './session-words';

/** A session with one endpoint: how it opens, its terminal or desktop, and how it ended. */
@Component({
  selector: 'ra-session-page',
  imports: [
    C8yTranslatePipe,
    DesktopComponent,
    IconDirective,
    RouterLink,
    SayPipe,
    SessionStepsComponent,
    TerminalComponent,
    TitleComponent,
  ],
  providers: [C8yTranslatePipe, NoticeDesk],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: {
    '(window:beforeunload)': 'askBeforeLeaving($event)',
    '(window:pagehide)': 'link?.abandon()',
  },
  templateUrl: './session-page.component.html',
  styleUrl: './session-page.component.css',
})
export class SessionPageComponent implements OnDestroy {
  private readonly platform = inject(PlatformCalls);
  private readonly notices = inject(NoticeDesk);
  private readonly route = inject(ActivatedRoute);
  private readonly body = viewChild(SessionBody);
  private readonly banner = viewChild<ElementRef<HTMLElement>>('banner');
  private readonly leaveButton = viewChild<ElementRef<HTMLElement>>('leave');

  protected readonly dark = darkTheme();
  protected readonly device = currentDevice();
  private readonly deviceId = computed(() => this.device().id);
  private readonly endpointId = toSignal(
    this.route.paramMap.pipe(map(params => params.get('endpointId') ?? '')),
    { initialValue: '' },
  );
  protected readonly endpoint = signal<Endpoint | undefined>(undefined);
  protected readonly desktopPhase = signal<DesktopPhase>('waiting');
  protected readonly state = signal<SessionState>({ phase: 'idle' });
  protected readonly bodyMissing = signal(false);

  protected readonly connecting = computed(() => {
    const state = this.state();
    return state.phase === 'connecting' ? state : undefined;
  });
  protected readonly ended = computed(() => {
    const state = this.state();
    return state.phase === 'ended' ? state : undefined;
  });
  protected readonly hostKey = computed(() => {
    const state = this.state();
    return state.phase === 'idle' ? undefined : state.hostKey;
  });
  /** The line that screen readers hear when it changes. */
  protected readonly status = computed(() => statusOf(this.state(), this.desktopPhase()));
  protected readonly heading = endedHeading;
  protected readonly reasons = endedReasons;
  protected readonly mayRetry = mayRetry;

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
  }

  protected reconnect(): void {
    if (!this.link) return void this.find(this.deviceId(), this.endpointId());
    this.body()?.startAnew();
    void this.link.connect();
  }

  protected disconnect(): void {
    this.link?.disconnect();
  }

  protected askBeforeLeaving(event: BeforeUnloadEvent): void {
    const { phase } = this.state();
    if (phase === 'open' || phase === 'connecting') event.preventDefault();
  }

  protected giveUp(words: Words): void {
    this.link?.giveUp('target', 'not-shown', words);
  }

  protected leaveBody(): void {
    this.leaveButton()?.nativeElement.focus();
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
    });
    await this.link.connect();
  }

  private show(state: SessionState): void {
    const before = this.state().phase;
    if (this.destroyed) return;
    this.state.set(state);
    if (state.phase === before) return;
    if (state.phase === 'open') this.body()?.begin();
    if (state.phase === 'ended') this.body()?.end();
    // The terminal would keep Tab to itself: the next one should reach Reconnect.
    if (state.phase === 'ended') setTimeout(() => this.banner()?.nativeElement.focus());
  }
}

function refusedState(refusal: Refusal): SessionState {
  return { phase: 'ended', by: 'service', code: 'refused', text: '', wasOpen: false, refusal };
}

function statusOf(state: SessionState, desktop: DesktopPhase): string {
  const starting = desktop === 'handshake' && gettext('Starting VNC handshake…');
  switch (state.phase) {
    case 'idle':
      return '';
    case 'connecting':
      return starting || STAGE_WORDS[state.stage].waiting;
    case 'open':
      return starting || gettext('Connected');
    case 'ended':
      return gettext('Not connected');
    default:
      return state satisfies never;
  }
}
