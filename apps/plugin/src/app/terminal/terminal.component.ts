import {
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  inject,
  input,
  output,
  signal,
  viewChild,
  type ElementRef,
  type OnDestroy,
} from '@angular/core';
import { C8yTranslatePipe, IconDirective } from '../host/kit';
import { AskDesk } from '../session/ask-desk';
import { SessionBody } from '../session/session-body';
import { KeyBarComponent } from './key-bar.component';
import type { PadKey } from './key-pad';
import { pastedText } from './pasted-text';
import { SearchBarComponent } from './search-bar.component';
import { TerminalOptionsPanelComponent } from './terminal-options-panel.component';
import {
  boundedFontSize,
  FONT_SIZES,
  keepPreferences,
  readPreferences,
  type TerminalPreferences,
} from './terminal-preferences';
import { askBeforeCopy, askBeforeLink, askBeforePaste } from './terminal-questions';
import type { Found, TerminalListener, TerminalScreen, Wanted } from './terminal-screen';
import { XtermScreen } from './xterm-screen';

/** Long enough to be seen from the side of an eye. */
const BELL_SHOWN_MS = 1500;

/** The terminal of a session, and all that can be done with it. */
@Component({
  selector: 'ra-terminal',
  imports: [
    C8yTranslatePipe,
    IconDirective,
    KeyBarComponent,
    SearchBarComponent,
    TerminalOptionsPanelComponent,
  ],
  changeDetection: ChangeDetectionStrategy.OnPush,
  providers: [{ provide: SessionBody, useExisting: TerminalComponent }],
  host: { '(keydown.control.shift.f)': '$event.preventDefault(); search()' },
  templateUrl: './terminal.component.html',
  styleUrl: './terminal.component.css',
})
export class TerminalComponent extends SessionBody implements OnDestroy {
  readonly dark = input.required<boolean>();
  /** Of the endpoint: what is saved is named for it. */
  readonly name = input.required<string>();
  /** Whether a break can be sent now. */
  readonly breaks = input.required<boolean>();
  readonly typed = output<Uint8Array<ArrayBuffer>>();
  readonly resized = output<{ cols: number; rows: number }>();
  /** What the program calls itself, as one plain line. */
  readonly titled = output<string>();
  readonly breakWanted = output();
  /** The user wants the keyboard out of the terminal. */
  readonly left = output();

  private readonly asks = inject(AskDesk);
  private readonly place = viewChild.required<ElementRef<HTMLElement>>('place');
  private readonly searchBar = viewChild(SearchBarComponent);
  protected readonly preferences = signal(readPreferences(localStorage, machine()));
  protected readonly searching = signal(false);
  protected readonly optionsShown = signal(false);
  protected readonly ringing = signal(false);
  protected readonly ctrl = signal(false);
  protected readonly found = signal<Found>({ index: -1, count: 0 });
  protected readonly theme = computed(() => {
    const { theme } = this.preferences();
    return theme === 'product' ? (this.dark() ? 'dark' : 'light') : theme;
  });
  private screen: TerminalScreen | undefined;
  private destroyed = false;
  private bellTimer: ReturnType<typeof setTimeout> | undefined;
  /** Who once said no is not asked again in the same session. */
  private mayAskToCopy = true;

  constructor() {
    super();
    effect(() => {
      // Read before there is a screen too: what was never read is not watched.
      const [preferences, dark] = [this.preferences(), this.dark()];
      this.screen?.apply(preferences, dark);
    });
  }

  ngOnDestroy(): void {
    this.destroyed = true;
    clearTimeout(this.bellTimer);
    this.screen?.dispose();
  }

  get size(): { cols: number; rows: number } {
    return this.screen?.size ?? { cols: 80, rows: 24 };
  }

  async load(): Promise<void> {
    const element = this.place().nativeElement;
    const label = element.dataset['label'] ?? '';
    const screen = await XtermScreen.open(element, label, this.listener());
    if (this.destroyed) return screen.dispose();
    screen.apply(this.preferences(), this.dark());
    this.screen = screen;
  }

  begin(): void {
    this.mayAskToCopy = true;
    this.focus();
  }

  draw(bytes: Uint8Array<ArrayBuffer>, drawn: () => void): void {
    this.screen?.write(bytes, drawn);
  }

  end(): void {
    // What was read stays to be read.
  }

  startAnew(): void {
    this.screen?.startAnew();
  }

  focus(): void {
    this.screen?.focus();
  }

  protected choose(changed: Partial<TerminalPreferences>): void {
    this.preferences.set({ ...this.preferences(), ...changed });
    keepPreferences(localStorage, this.preferences());
  }

  protected stepFontSize(step: 'larger' | 'smaller' | 'usual-size'): void {
    const { fontSizePx } = this.preferences();
    const sizes = { larger: fontSizePx + 1, smaller: fontSizePx - 1 };
    const wanted = step === 'usual-size' ? FONT_SIZES.usual : sizes[step];
    this.choose({ fontSizePx: boundedFontSize(wanted) });
  }

  protected search(): void {
    this.searching.set(true);
    this.searchBar()?.focus();
  }

  protected toggleOptions(): void {
    this.optionsShown.set(!this.optionsShown());
    if (!this.optionsShown()) this.focus();
  }

  protected find(wanted: Wanted): void {
    this.screen?.find(wanted);
  }

  protected endSearch(): void {
    this.searching.set(false);
    this.screen?.endSearch();
    this.focus();
  }

  protected press(key: PadKey): void {
    this.screen?.press(key);
  }

  protected toggleCtrl(): void {
    this.screen?.toggleCtrl();
  }

  protected save(): void {
    const text = new Blob([this.screen?.text() ?? ''], { type: 'text/plain' });
    const link = document.createElement('a');
    link.href = URL.createObjectURL(text);
    link.download = `${this.name() || 'terminal'}.txt`;
    link.click();
    URL.revokeObjectURL(link.href);
    this.focus();
  }

  private listener(): TerminalListener {
    return {
      typed: bytes => this.typed.emit(bytes),
      resized: (cols, rows) => this.resized.emit({ cols, rows }),
      left: () => this.left.emit(),
      searchWanted: () => this.search(),
      found: found => this.found.set(found),
      fontSizeWanted: step => this.stepFontSize(step),
      titled: title => this.titled.emit(title),
      rang: () => this.ring(),
      pasted: text => void this.paste(text),
      linkClicked: address => void this.follow(address),
      clipboardWanted: text => void this.askToCopy(text),
      ctrlChanged: down => this.ctrl.set(down),
    };
  }

  private ring(): void {
    clearTimeout(this.bellTimer);
    this.ringing.set(true);
    this.bellTimer = setTimeout(() => this.ringing.set(false), BELL_SHOWN_MS);
  }

  private async paste(clipboard: string): Promise<void> {
    const pasted = pastedText(clipboard);
    const asks = pasted.runs && this.preferences().warnBeforePaste;
    if (asks && (await this.asks.ask(askBeforePaste(pasted))) !== 'yes') return;
    if (pasted.text !== '') this.screen?.paste(pasted.text);
  }

  private async follow(address: string): Promise<void> {
    const question = askBeforeLink(address);
    if (!question || (await this.asks.ask(question)) !== 'yes') return;
    window.open(question.href, '_blank', 'noopener,noreferrer');
  }

  private async askToCopy(text: string): Promise<void> {
    if (!this.mayAskToCopy) return;
    this.mayAskToCopy = false;
    const answer = await this.asks.ask(askBeforeCopy(text));
    this.mayAskToCopy = answer === 'yes';
    if (answer === 'yes') await navigator.clipboard?.writeText(text).catch(() => undefined);
  }
}

function machine(): { isMac: boolean; hasTouch: boolean } {
  return {
    isMac: navigator.platform.startsWith('Mac'),
    hasTouch: window.matchMedia('(pointer: coarse)').matches,
  };
}
