import {
  afterNextRender,
  ChangeDetectionStrategy,
  Component,
  computed,
  type ElementRef,
  inject,
  signal,
  viewChild,
  type OnDestroy,
} from '@angular/core';
import { ActivatedRoute, Router, RouterLink } from '@angular/router';
import type { Endpoint, WatchingMessage } from '@remote-access/contracts';
import { EndpointClient } from '../endpoints/endpoint-client';
import { currentDevice, darkTheme } from '../host/page-context';
import { PlatformCalls } from '../host/platform-calls';
import { C8yTranslatePipe, TitleComponent } from '../host/sdk';
import { BrowserWindow } from '../session/browser-window';
import { NoticeDialog } from '../session/notice-dialog.component';
import { TicketClient } from '../session/connection/ticket-client';
import { addressOf, windowTitle } from '../session/session-target';
import { MirrorScreen } from '../terminal/mirror-screen';
import { gettext, type Message } from '../ui/message';
import { Refusal } from '../ui/refusal';
import { TranslateMessagePipe } from '../ui/translate-message.pipe';
import { WatchLink } from './watch-link';

/** Another user's terminal, which the user watches. */
@Component({
  selector: 'ra-watch-page',
  imports: [C8yTranslatePipe, RouterLink, TitleComponent, TranslateMessagePipe],
  providers: [BrowserWindow, C8yTranslatePipe, NoticeDialog, TranslateMessagePipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './watch-page.component.html',
  styleUrls: ['./watch-page.component.css', '../ui/readable-buttons.css'],
})
export class WatchPageComponent implements OnDestroy {
  private readonly platform = inject(PlatformCalls);
  private readonly notices = inject(NoticeDialog);
  private readonly router = inject(Router);
  private readonly texts = inject(TranslateMessagePipe);
  private readonly browserWindow = inject(BrowserWindow);
  private readonly params = inject(ActivatedRoute).snapshot.paramMap;
  private readonly surface = viewChild.required<ElementRef<HTMLElement>>('surface');
  protected readonly device = currentDevice();
  private readonly dark = darkTheme();
  protected readonly state = signal<WatchingMessage | undefined>(undefined);
  protected readonly isClosing = signal(false);
  protected readonly over = signal<Message | undefined>(undefined);
  /** Where the session leads: a watcher with the keyboard must not confuse two machines. */
  protected readonly endpoint = signal<Endpoint | undefined>(undefined);
  protected readonly address = computed(() => {
    const endpoint = this.endpoint();
    return endpoint ? addressOf(endpoint) : '';
  });
  protected readonly hasKeyboard = computed(() => this.state()?.keyboard === 'you');
  protected readonly status = computed(() => statusOf(this.state()));
  private screen: MirrorScreen | undefined;
  private link: WatchLink | undefined;
  private isDestroyed = false;

  constructor() {
    afterNextRender(() => {
      void this.nameMachine();
      void this.watch();
    });
  }

  ngOnDestroy(): void {
    this.isDestroyed = true;
    this.link?.close();
    this.screen?.dispose();
    this.browserWindow.restore();
  }

  protected async watch(): Promise<void> {
    this.over.set(undefined);
    this.state.set(undefined);
    this.isClosing.set(false);
    const { nativeElement } = this.surface();
    this.screen ??= await MirrorScreen.open(
      nativeElement,
      nativeElement.dataset['label'] ?? '',
      this.dark(),
      bytes => {
        if (this.hasKeyboard()) this.link?.type(bytes);
      },
    );
    if (this.isDestroyed) return this.screen.dispose();
    const { screen } = this;
    const tickets = new TicketClient(
      this.platform,
      notice => this.notices.accepts(notice, () => this.goBack()),
      this.device().id,
      this.param('endpointId'),
      { sessionId: this.param('sessionId') },
    );
    this.link = new WatchLink({
      requestTicket: () => tickets.requestTicket(),
      openSocket: (ticket, subprotocol) => tickets.openSocket(ticket, subprotocol),
      screen: message => screen.show(message),
      size: ({ cols, rows }) => screen.resize(cols, rows),
      draw: (bytes, drawn) => screen.write(bytes, drawn),
      changed: state => this.show(state),
      closing: () => this.isClosing.set(true),
      ended: reason => this.over.set(reason),
    });
    await this.link.open();
  }

  private async nameMachine(): Promise<void> {
    const { id, name = '' } = this.device();
    const endpoint = await new EndpointClient(this.platform, id).find(this.param('endpointId'));
    if (endpoint instanceof Refusal || this.isDestroyed) return;
    this.endpoint.set(endpoint);
    const values = { session: windowTitle(endpoint, name) };
    const text = gettext('Watching: {{ session }}');
    this.browserWindow.title = this.texts.transform({ text, values });
  }

  private param(name: string): string {
    return this.params.get(name) ?? '';
  }

  private goBack(): void {
    void this.router.navigate(['/device', this.device().id, 'remote-access']);
  }

  private show(state: WatchingMessage): void {
    const hadKeyboard = this.hasKeyboard();
    this.state.set(state);
    if (this.hasKeyboard() && !hadKeyboard) this.screen?.focus();
  }
}

function statusOf(state: WatchingMessage | undefined): Message {
  if (!state) return { text: gettext('Connecting…') };
  const { user, typist = '' } = state;
  if (state.state === 'asking') {
    return { text: gettext('Waiting for {{ user }} to agree…'), values: { user } };
  }
  if (state.state === 'away') {
    return { text: gettext('The connection of {{ user }} is lost.'), values: { user } };
  }
  switch (state.keyboard) {
    case 'you':
      return { text: gettext('You have the keyboard of {{ user }}.'), values: { user } };
    case 'other':
      return {
        text: gettext('You are watching {{ user }}. {{ typist }} has the keyboard.'),
        values: { user, typist },
      };
    case 'user':
      return {
        text: gettext('You are watching {{ user }}, who has the keyboard.'),
        values: { user },
      };
    default:
      return state.keyboard satisfies never;
  }
}
