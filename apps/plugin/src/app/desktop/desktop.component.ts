import {
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  type ElementRef,
  input,
  output,
  signal,
  viewChild,
  type OnDestroy,
} from '@angular/core';
import { C8yTranslatePipe, IconDirective } from '../host/kit';
import { SessionBody } from '../session/session-body';
import { gettext, type Words } from '../ui/words';
import { BROWSER_CLIPBOARD } from './browser-clipboard';
import { DesktopClipboard } from './desktop-clipboard';
import { DesktopClipboardPanelComponent } from './desktop-clipboard-panel.component';
import { DesktopKeysPanelComponent } from './desktop-keys-panel.component';
import { DesktopPowerPanelComponent } from './desktop-power-panel.component';
import { keepPreferences, readPreferences, type DesktopPreferences } from './desktop-preferences';
import type {
  CredentialKind,
  Credentials,
  DesktopListener,
  DesktopView,
  PowerAction,
} from './desktop-screen';
import { brokenWords } from './desktop-words';
import { DesktopServerKeyComponent } from './desktop-server-key.component';
import { DesktopSignInComponent } from './desktop-sign-in.component';
import { DesktopViewPanelComponent } from './desktop-view-panel.component';
import { FrameMeter } from './frame-meter';
import { parseCombination, type Key } from './key-combination';
import { NoVncScreen } from './novnc-screen';
import { AdaptiveQuality, QUALITY_LEVELS } from './picture-quality';
import { keysBetween } from './typed-text';

type Panel = 'view' | 'keys' | 'clipboard' | 'power';

/** How often the number of frames is shown anew. */
const FRAMES_PERIOD_MS = 1000;

/** What is between an open session and a picture. */
export type DesktopPhase = 'waiting' | 'handshake' | 'sign-in' | 'server-key' | 'shown';

/** The screen of a machine, and all that can be done with it. */
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
  providers: [{ provide: SessionBody, useExisting: DesktopComponent }],
  host: { '(window:focus)': 'clipboards.turnedThere()' },
  templateUrl: './desktop.component.html',
  styleUrl: './desktop.component.css',
})
export class DesktopComponent extends SessionBody implements OnDestroy {
  /** A desktop tells its size by RFB, not in cells. */
  readonly size = { cols: 80, rows: 24 };

  readonly name = input.required<string>();
  /** The endpoint's own choices, to start with. */
  readonly shared = input(true);
  readonly startsViewOnly = input(false);
  /** Newest round trip to the service, in milliseconds. */
  readonly roundTripMs = input<number>();
  /** Bytes of RFB for the server. */
  readonly spoken = output<Uint8Array<ArrayBuffer>>();
  readonly phaseChanged = output<DesktopPhase>();
  readonly left = output();
  /** The picture cannot go on. */
  readonly failed = output<Words>();

  private readonly place = viewChild.required<ElementRef<HTMLElement>>('place');
  private readonly touchKeyboard = viewChild.required<ElementRef<HTMLTextAreaElement>>('touch');
  protected readonly phase = signal<DesktopPhase>('waiting');
  protected readonly panel = signal<Panel | undefined>(undefined);
  protected readonly preferences = signal(readPreferences(localStorage));
  protected readonly viewOnly = signal(false);
  protected readonly panning = signal(false);
  protected readonly powerOffered = signal(false);
  protected readonly clipboard = signal('');
  protected readonly framesPerSecond = signal(0);
  protected readonly asked = signal<readonly CredentialKind[]>([]);
  protected readonly refused = signal('');
  protected readonly serverKey = signal<Uint8Array<ArrayBuffer> | undefined>(undefined);
  protected readonly serverName = signal('');
  protected readonly note = signal('');
  private readonly adapted = signal(new AdaptiveQuality().current);
  private readonly quality = computed(() => {
    const { quality } = this.preferences();
    return quality === 'auto' ? this.adapted() : QUALITY_LEVELS[quality]!;
  });

  protected readonly clipboards = new DesktopClipboard(BROWSER_CLIPBOARD, {
    preferences: () => this.preferences(),
    offer: text => {
      if (!this.viewOnly()) this.screen?.offer(text);
    },
    show: text => this.clipboard.set(text),
  });
  private readonly frames = new FrameMeter(() => performance.now());
  private readonly frameTimer = setInterval(
    () => this.framesPerSecond.set(this.frames.framesPerSecond),
    FRAMES_PERIOD_MS,
  );
  private makeScreen: Awaited<ReturnType<typeof NoVncScreen.load>> | undefined;
  private screen: NoVncScreen | undefined;
  private adaptive = new AdaptiveQuality();
  private touchText = '';

  constructor() {
    super();
    effect(() => this.viewOnly.set(this.startsViewOnly()));
    effect(() => {
      const view = this.chosenView();
      this.screen?.apply(view);
    });
    effect(() => {
      const roundTripMs = this.roundTripMs();
      if (roundTripMs === undefined) return;
      if (this.adaptive.answered(roundTripMs)) this.adapted.set(this.adaptive.current);
    });
  }

  ngOnDestroy(): void {
    clearInterval(this.frameTimer);
    this.screen?.dispose();
  }

  async load(): Promise<void> {
    this.makeScreen ??= await NoVncScreen.load();
  }

  begin(): void {
    this.focus();
  }

  draw(bytes: Uint8Array<ArrayBuffer>, drawn: () => void): void {
    this.screen ??= this.openScreen();
    this.screen?.receive(bytes);
    drawn();
  }

  /** The last picture goes with the session: what it shows would pass for what is. */
  end(): void {
    this.screen?.dispose();
    this.screen = undefined;
    this.powerOffered.set(false);
    this.panel.set(undefined);
    this.enter('waiting');
  }

  startAnew(): void {
    this.refused.set('');
    this.note.set('');
  }

  focus(): void {
    this.screen?.focus();
  }

  protected toggle(panel: Panel): void {
    this.panel.update(open => (open === panel ? undefined : panel));
  }

  protected choose(part: Partial<DesktopPreferences>): void {
    this.preferences.update(preferences => ({ ...preferences, ...part }));
    keepPreferences(localStorage, this.preferences());
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
    this.screen?.approve();
  }

  protected power(action: PowerAction): void {
    this.screen?.power(action);
    this.panel.set(undefined);
  }

  protected async copyText(text: string): Promise<void> {
    await this.tell(BROWSER_CLIPBOARD.write(text), gettext('Copied.'));
  }

  protected async savePicture(): Promise<void> {
    const url = URL.createObjectURL(await this.screen!.picture());
    const link = document.createElement('a');
    link.href = url;
    link.download = `${this.name().replace(/[^\p{L}\p{N} ._-]/gu, '_')}.png`;
    link.click();
    URL.revokeObjectURL(url);
  }

  protected async copyPicture(): Promise<void> {
    const item = new ClipboardItem({ 'image/png': this.screen!.picture() });
    await this.tell(navigator.clipboard.write([item]), gettext('The picture is in the clipboard.'));
  }

  protected openTouchKeyboard(): void {
    this.touchKeyboard().nativeElement.focus();
  }

  protected touchTyped(event: Event): void {
    const field = event.target as HTMLTextAreaElement;
    for (const key of keysBetween(this.touchText, field.value)) this.screen?.press([key]);
    this.touchText = field.value;
  }

  private async tell(done: Promise<void>, words: string): Promise<void> {
    try {
      await done;
      this.note.set(words);
    } catch {
      this.note.set(gettext('The browser does not let this page at the clipboard.'));
    }
  }

  /** With the server's first bytes, which come before the session is open. */
  private openScreen(): NoVncScreen | undefined {
    this.adaptive = new AdaptiveQuality();
    this.adapted.set(this.adaptive.current);
    this.enter('handshake');
    const element = this.place().nativeElement;
    const options = { shared: this.shared(), label: element.dataset['label'] ?? '' };
    const screen = this.makeScreen?.(element, options, this.listener());
    screen?.apply(this.chosenView());
    return screen;
  }

  private chosenView(): DesktopView {
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
      send: bytes => this.spoken.emit(bytes),
      started: () => {
        this.refused.set('');
        this.enter('shown');
        this.screen?.apply(this.chosenView());
        this.focus();
        void this.clipboards.turnedThere();
      },
      named: name => this.serverName.set(name),
      left: () => this.left.emit(),
      drawn: () => this.frames.count(),
      bell: () => this.note.set(gettext('The machine rings.')),
      copied: text => void this.clipboards.copiedThere(text),
      askCredentials: kinds => {
        this.asked.set(kinds);
        this.enter('sign-in');
      },
      verifyServer: publicKey => {
        this.serverKey.set(publicKey);
        this.enter('server-key');
      },
      refused: reason => this.refused.set(reason),
      powerOffered: offered => this.powerOffered.set(offered),
      broken: reason => this.failed.emit(brokenWords(this.refused(), reason)),
    };
  }
}
