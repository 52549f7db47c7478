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
import { map } from 'rxjs';
import { EndpointDirectory } from '../endpoints/endpoint-directory';
import { currentDevice } from '../host/current-device';
import { darkTheme } from '../host/dark-theme';
import { C8yTranslatePipe, IconDirective, TitleComponent } from '../host/kit';
import { PlatformCalls } from '../host/platform-calls';
import type { TerminalScreen } from '../terminal/terminal-screen';
import { XtermScreen } from '../terminal/xterm-screen';
import { Refusal } from '../ui/refusal';
import { SayPipe } from '../ui/say.pipe';
import { gettext } from '../ui/words';
import { NoticeDesk } from './notice-desk';
import { SessionDoor } from './session-door';
import { SessionLink } from './session-link';
import { mayRetry, type SessionState } from './session-state';
import { SessionStepsComponent } from './session-steps.component';
import { endedHeading, endedReasons, STAGE_WORDS } from './session-words';

/** A session with one endpoint: how it opens, the terminal, and how it ended. */
@Component({
  selector: 'ra-session-page',
  imports: [
    C8yTranslatePipe,
    IconDirective,
    RouterLink,
    SayPipe,
    SessionStepsComponent,
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
  private readonly terminal = viewChild.required<ElementRef<HTMLElement>>('terminal');
  private readonly banner = viewChild<ElementRef<HTMLElement>>('banner');
  private readonly leaveButton = viewChild<ElementRef<HTMLElement>>('leave');

  protected readonly dark = darkTheme();
  protected readonly device = currentDevice();
  private readonly deviceId = computed(() => this.device().id);
  private readonly endpointId = toSignal(
    this.route.paramMap.pipe(map(params => params.get('endpointId') ?? '')),
    { initialValue: '' },
  );
  protected readonly name = signal('');
  protected readonly state = signal<SessionState>({ phase: 'idle' });
  protected readonly terminalMissing = signal(false);

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
  protected readonly status = computed(() => statusOf(this.state()));
  protected readonly heading = endedHeading;
  protected readonly reasons = endedReasons;
  protected readonly mayRetry = mayRetry;

  protected link?: SessionLink;
  private screen?: TerminalScreen;
  private destroyed = false;

  constructor() {
    effect(() => {
      const [deviceId, endpointId] = [this.deviceId(), this.endpointId()];
      const element = this.terminal().nativeElement;
      untracked(() => void this.begin(deviceId, endpointId, element));
    });
    effect(() => this.screen?.paint(this.dark()));
  }

  ngOnDestroy(): void {
    this.destroyed = true;
    this.link?.abandon();
    this.screen?.dispose();
  }

  protected reconnect(): void {
    this.screen?.startAnew();
    void this.link?.connect();
  }

  protected disconnect(): void {
    this.link?.disconnect();
  }

  protected askBeforeLeaving(event: BeforeUnloadEvent): void {
    const { phase } = this.state();
    if (phase === 'open' || phase === 'connecting') event.preventDefault();
  }

  private async begin(deviceId: string, endpointId: string, element: HTMLElement): Promise<void> {
    this.link?.abandon();
    void this.loadName(deviceId, endpointId);
    const screen = await this.openScreen(element);
    if (!screen) return;
    const door = new SessionDoor(this.platform, this.notices, deviceId, endpointId);
    const link = new SessionLink({
      requestTicket: () => door.requestTicket(),
      openSocket: (ticket, subprotocol) => door.openSocket(ticket, subprotocol),
      nowMs: () => performance.now(),
      draw: (bytes, drawn) => screen.write(bytes, drawn),
      size: () => screen.size,
      changed: state => this.show(state),
    });
    this.link = link;
    await link.connect();
  }

  private async loadName(deviceId: string, endpointId: string): Promise<void> {
    const endpoint = await new EndpointDirectory(this.platform, deviceId).find(endpointId);
    this.name.set(endpoint instanceof Refusal ? '' : endpoint.name);
  }

  private async openScreen(element: HTMLElement): Promise<TerminalScreen | undefined> {
    if (this.screen) return this.screen;
    try {
      const screen = await XtermScreen.open(element, gettext('Terminal input'), {
        typed: bytes => this.link?.type(bytes),
        resized: (cols, rows) => this.link?.resize(cols, rows),
        left: () => this.leaveButton()?.nativeElement.focus(),
      });
      if (this.destroyed) {
        screen.dispose();
        return undefined;
      }
      screen.paint(this.dark());
      this.screen = screen;
      return screen;
    } catch {
      // The chunk did not come: offline, or the plugin was updated under an open page.
      this.terminalMissing.set(true);
      return undefined;
    }
  }

  private show(state: SessionState): void {
    const before = this.state().phase;
    if (this.destroyed) return;
    this.state.set(state);
    if (state.phase === before) return;
    if (state.phase === 'open') this.screen?.focus();
    // The terminal would keep Tab to itself: the next one should reach Reconnect.
    if (state.phase === 'ended') setTimeout(() => this.banner()?.nativeElement.focus());
  }
}

function statusOf(state: SessionState): string {
  switch (state.phase) {
    case 'idle':
      return '';
    case 'connecting':
      return STAGE_WORDS[state.stage].waiting;
    case 'open':
      return gettext('Connected');
    case 'ended':
      return gettext('Not connected');
    default:
      return state satisfies never;
  }
}
