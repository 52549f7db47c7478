import {
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  input,
  output,
  signal,
  untracked,
  viewChild,
  type ElementRef,
  type OnDestroy,
  type TemplateRef,
  inject,
} from '@angular/core';
import { C8yTranslatePipe, IconDirective } from '../host/sdk';
import { saveFile } from '../ui/save-file';
import { gettext, type Message } from '../ui/message';
import { BROWSER_CLIPBOARD, DesktopClipboard, type LocalClipboard } from './desktop-clipboard';
import { DesktopClipboardPanelComponent } from './desktop-clipboard-panel.component';
import { DesktopKeysPanelComponent } from './desktop-keys-panel.component';
import { DesktopPowerPanelComponent } from './desktop-power-panel.component';
import { readPreferences, storePreferences, type DesktopPreferences } from './desktop-preferences';
import { DesktopServerKeyComponent } from './desktop-server-key.component';
import { DesktopSignInComponent } from './desktop-sign-in.component';
import { DesktopViewPanelComponent } from './desktop-view-panel.component';
import { FrameRate } from './frame-rate';
import {
  NoVncScreen,
  type CredentialKind,
  type Credentials,
  type DesktopListener,
  type DesktopView,
  type PowerAction,
} from './novnc-screen';
import { AdaptiveQuality, QUALITY_LEVELS } from './picture-quality';
import { keysForEdit, parseCombination, type Key } from './rfb-keys';
import { DomIds } from '../ui/dom-ids';

type Panel = 'view' | 'keys' | 'clipboard' | 'power';

/** How often the frame rate on the screen is updated. */
const FRAME_RATE_PERIOD_MS = 1000;

/** Long enough to read; a note covers part of the picture. */
const NOTE_SHOWN_MS = 8_000;

/** The progress of the desktop, from no session to the first picture. */
export type DesktopPhase = 'waiting' | 'handshake' | 'sign-in' | 'server-key' | 'shown';

/** The desktop of a session with its toolbar, panels and sign-in form. */
@Component({
  selector: 'ra-desktop',
  imports: [
    C8yTranslatePipe,
    DesktopClipboardPanelComponent,
    DesktopKeysPanelComponent,
    DesktopPowerPanelComponent,
    DesktopServerKeyComponent,
    DesktopSignInComponent,
    DesktopViewPanelComponent,
    IconDirective,
  ],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { '(window:focus)': 'shareClipboard()' },
  templateUrl: './desktop.component.html',
  styleUrls: ['../ui/viewer-tools.css', './desktop.component.css'],
})
export class DesktopComponent implements OnDestroy {
  protected readonly ids = inject(DomIds);
  /** A fixed placeholder: RFB negotiates the size of a desktop, in pixels. */
  readonly size = { cols: 80, rows: 24 };

  readonly name = input.required<string>();
  /** Whether the user's input goes to this desktop; only then is the clipboard shared with it. */
  readonly active = input(true);
  /** Whether other viewers stay connected, from the endpoint's settings. */
  readonly shared = input(true);
  /** Whether the service drops all input; otherwise the user may choose to send none. */
  readonly endpointViewOnly = input(false);
  /** The latest round trip to the service. */
  readonly roundTripMs = input<number>();
  /** RFB bytes to send to the server. */
  readonly sent = output<Uint8Array<ArrayBuffer>>();
  readonly phaseChanged = output<DesktopPhase>();
  /** The user wants to move the focus out of the desktop. */
  readonly leaveRequested = output();
  /** The remote machine rang the bell. */
  readonly rang = output();
  /** The desktop cannot be shown any longer. */
  readonly failed = output<Message>();

  readonly tools = viewChild.required<TemplateRef<unknown>>('tools');
  private readonly surface = viewChild.required<ElementRef<HTMLElement>>('surface');
  private readonly before = viewChild.required<ElementRef<HTMLElement>>('before');
  private readonly touchKeyboard = viewChild.required<ElementRef<HTMLTextAreaElement>>('touch');
  protected readonly phase = signal<DesktopPhase>('waiting');
  protected readonly panel = signal<Panel | undefined>(undefined);
  protected readonly preferences = signal(readPreferences(localStorage));
  protected readonly viewOnlyChosen = signal(false);
  protected readonly viewOnly = computed(() => this.endpointViewOnly() || this.viewOnlyChosen());
  protected readonly panning = signal(false);
  protected readonly powerOffered = signal(false);
  protected readonly clipboard = signal('');
  protected readonly framesPerSecond = signal(0);
  protected readonly credentialKinds = signal<readonly CredentialKind[]>([]);
  protected readonly refused = signal('');
  protected readonly serverKey = signal<Uint8Array<ArrayBuffer> | undefined>(undefined);
  protected readonly serverName = signal('');
  protected readonly note = signal('');
  private readonly adapted = signal(new AdaptiveQuality().current);
  private readonly quality = computed(() => {
    const { quality } = this.preferences();
    return quality === 'auto' ? this.adapted() : QUALITY_LEVELS[quality]!;
  });

  protected readonly clipboards = new DesktopClipboard(this.localClipboard(), {
    preferences: () => this.preferences(),
    send: text => {
      if (!this.viewOnly()) this.screen?.sendClipboard(text);
    },
    show: text => this.clipboard.set(text),
    withheld: () =>
      this.say(
        gettext(
          'Text was copied on the remote machine. To receive copied text, switch this on under Clipboard.',
        ),
      ),
  });
  private readonly frames = new FrameRate(() => performance.now());
  private readonly frameTimer = setInterval(
    () => this.framesPerSecond.set(this.frames.framesPerSecond),
    FRAME_RATE_PERIOD_MS,
  );
  private noteTimer: ReturnType<typeof setTimeout> | undefined;
  private makeScreen: Awaited<ReturnType<typeof NoVncScreen.load>> | undefined;
  private screen: NoVncScreen | undefined;
  private adaptive = new AdaptiveQuality();
  private touchText = '';

  constructor() {
    effect(() => {
      const view = this.currentView();
      this.screen?.apply(view);
    });
    effect(() => {
      if (this.active()) untracked(() => this.shareClipboard());
    });
    effect(() => {
      const roundTripMs = this.roundTripMs();
      if (roundTripMs === undefined) return;
      if (this.adaptive.answered(roundTripMs)) this.adapted.set(this.adaptive.current);
    });
  }

  ngOnDestroy(): void {
    clearInterval(this.frameTimer);
    clearTimeout(this.noteTimer);
    this.sessionEnding();
    this.screen?.dispose();
  }

  async load(): Promise<void> {
    this.makeScreen ??= await NoVncScreen.load();
  }

  draw(bytes: Uint8Array<ArrayBuffer>, drawn: () => void): void {
    this.screen ??= this.openScreen();
    this.screen?.receive(bytes);
    drawn();
  }

  sessionEnding(): void {
    this.screen?.restoreRemoteSize();
  }

  /**
   * Whether a picture is shown, including the last one of an earlier session; false while the user
   * is being asked.
   */
  get hasPicture(): boolean {
    const isAsking = this.phase() === 'sign-in' || this.phase() === 'server-key';
    const hasBefore = this.before().nativeElement.childElementCount > 0;
    return this.phase() === 'shown' || (hasBefore && !isAsking);
  }

  /** Keeps the last picture, greyed out, until another session shows its own. */
  sessionInterrupted(): void {
    const picture = this.screen?.picture();
    if (picture && this.phase() === 'shown') this.before().nativeElement.replaceChildren(picture);
    this.closeScreen();
  }

  /** Removes the last picture, which would look as if it were live. */
  sessionEnded(): void {
    this.before().nativeElement.replaceChildren();
    this.closeScreen();
  }

  reset(): void {
    this.refused.set('');
    this.note.set('');
  }

  focus(): void {
    this.screen?.focus();
  }

  protected toggle(panel: Panel): void {
    this.panel.update(open => (open === panel ? undefined : panel));
    if (!this.panel()) this.focus();
  }

  protected choose(changed: Partial<DesktopPreferences>): void {
    this.preferences.update(preferences => ({ ...preferences, ...changed }));
    storePreferences(localStorage, this.preferences());
  }

  protected press(keys: readonly Key[]): void {
    this.screen?.press(keys);
    this.focus();
  }

  protected pressCtrlAltDel(): void {
    this.press(parseCombination('Ctrl+Alt+Del')!);
  }

  protected signIn(credentials: Credentials): void {
    this.enter('handshake');
    this.screen?.signIn(credentials);
  }

  protected approve(): void {
    this.enter('handshake');
    this.screen?.approveServer();
  }

  protected declineServerKey(): void {
    this.failed.emit({ text: gettext("You did not accept the server's key.") });
  }

  protected power(action: PowerAction): void {
    this.screen?.power(action);
    this.panel.set(undefined);
    this.focus();
  }

  /** After a click; with the keyboard the focus stays on the button. */
  protected returnFocus({ detail }: UIEvent): void {
    if (detail > 0) this.focus();
  }

  protected async copyText(text: string): Promise<void> {
    await this.report(BROWSER_CLIPBOARD.write(text), gettext('Copied.'));
  }

  protected async savePicture(): Promise<void> {
    const fileName = `${this.name().replace(/[^\p{L}\p{N} ._-]/gu, '_')}.png`;
    saveFile(await this.screen!.screenshot(), fileName);
  }

  protected async copyPicture(): Promise<void> {
    const item = new ClipboardItem({ 'image/png': this.screen!.screenshot() });
    await this.report(navigator.clipboard.write([item]), gettext('Screenshot copied.'));
  }

  protected openTouchKeyboard(): void {
    this.touchKeyboard().nativeElement.focus();
  }

  protected touchTyped(event: Event): void {
    const field = event.target as HTMLTextAreaElement;
    for (const key of keysForEdit(this.touchText, field.value)) this.screen?.press([key]);
    this.touchText = field.value;
  }

  /** Called before the user pastes here. */
  protected shareClipboard(): void {
    if (this.active() && this.screen) void this.clipboards.sendLocal();
  }

  /**
   * A desktop that the user is not using does not change the local clipboard; its panel shows the
   * text.
   */
  private localClipboard(): LocalClipboard {
    return {
      ...BROWSER_CLIPBOARD,
      write: text =>
        this.active() ? BROWSER_CLIPBOARD.write(text) : Promise.reject(new Error('not in use')),
    };
  }

  private closeScreen(): void {
    this.screen?.dispose();
    this.screen = undefined;
    this.powerOffered.set(false);
    this.panel.set(undefined);
    this.enter('waiting');
  }

  private say(text: string): void {
    clearTimeout(this.noteTimer);
    this.note.set(text);
    this.noteTimer = setTimeout(() => this.note.set(''), NOTE_SHOWN_MS);
  }

  private async report(copying: Promise<void>, success: string): Promise<void> {
    try {
      await copying;
      this.say(success);
    } catch {
      this.say(gettext('The browser blocked access to the clipboard.'));
    }
  }

  /** Called with the server's first bytes, which arrive before the session is open. */
  private openScreen(): NoVncScreen | undefined {
    this.adaptive = new AdaptiveQuality();
    this.adapted.set(this.adaptive.current);
    this.enter('handshake');
    const element = this.surface().nativeElement;
    const options = { shared: this.shared(), label: element.dataset['label'] ?? '' };
    const screen = this.makeScreen?.(element, options, this.listener());
    screen?.apply(this.currentView());
    return screen;
  }

  private currentView(): DesktopView {
    const { scaling, dotCursor } = this.preferences();
    const [viewOnly, panning] = [this.viewOnly(), this.panning()];
    return { scaling, dotCursor, viewOnly, panning, ...this.quality() };
  }

  private enter(phase: DesktopPhase): void {
    this.phase.set(phase);
    this.phaseChanged.emit(phase);
  }

  private listener(): DesktopListener {
    return {
      send: bytes => this.sent.emit(bytes),
      started: () => {
        this.refused.set('');
        this.enter('shown');
        this.screen?.apply(this.currentView());
        this.shareClipboard();
      },
      nameChanged: name => this.serverName.set(name),
      leaveRequested: () => this.leaveRequested.emit(),
      frameDrawn: () => {
        this.frames.count();
        this.before().nativeElement.replaceChildren();
      },
      bell: () => {
        this.say(gettext('Bell'));
        this.rang.emit();
      },
      clipboardReceived: text => void this.clipboards.receive(text),
      credentialsRequested: kinds => {
        this.credentialKinds.set(kinds);
        this.enter('sign-in');
      },
      verificationRequested: publicKey => {
        this.serverKey.set(publicKey);
        this.enter('server-key');
      },
      signInRefused: reason => this.refused.set(reason),
      powerOffered: offered => this.powerOffered.set(offered),
      failed: reason => this.failed.emit(failureText(this.refused(), reason)),
    };
  }
}

/**
 * Why the desktop cannot be shown.
 *
 * @param refusal the server's reason for refusing the sign-in, or empty
 * @param reason noVNC's reason, or empty
 */
function failureText(refusal: string, reason: string): Message {
  if (refusal) {
    const text = gettext('The VNC server refused the sign-in: {{ reason }}');
    return { text, values: { reason: refusal } };
  }
  if (reason) {
    const text = gettext('The VNC server sent data that cannot be shown: {{ reason }}');
    return { text, values: { reason } };
  }
  return { text: gettext('The VNC server sent data that cannot be shown.') };
}
