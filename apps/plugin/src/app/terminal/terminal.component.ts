import {
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  inject,
  input,
  NgZone,
  output,
  signal,
  viewChild,
  type ElementRef,
  type OnDestroy,
  type TemplateRef,
} from '@angular/core';
import type { KeyOptions } from '../endpoints/key-choices';
import { AlertService, C8yTranslatePipe, IconDirective } from '../host/sdk';
import { gettext } from '../ui/message';
import { QuestionDialog } from '../ui/question-dialog.component';
import { saveFile } from '../ui/save-file';
import { sanitizePaste } from './clipboard-text';
import { expectedSize, layoutSettled } from './expected-size';
import type { KeyBarKey } from './key-codes';
import { KeyBarComponent } from './key-bar.component';
import { SearchBarComponent } from './search-bar.component';
import { type Shortcut, shortcutOf } from './terminal-keyboard';
import { TerminalMenuComponent, type TerminalMenuAction } from './terminal-menu.component';
import { TerminalOptionsPanelComponent } from './terminal-options-panel.component';
import {
  boundedFontSize,
  FONT_SIZES,
  readPreferences,
  storePreferences,
  thisComputer,
  type TerminalPreferences,
} from './terminal-preferences';
import { copyQuestion, linkQuestion, pasteQuestion } from './terminal-questions';
import { shownTheme, type TerminalThemeName } from './terminal-themes';
import { FONT_FAMILY, LINE_HEIGHT, loadXterm, type XtermSize } from './xterm-loader';
import {
  XtermScreen,
  type SearchRequest,
  type SearchResult,
  type TerminalListener,
} from './xterm-screen';
import { DomIds } from '../ui/dom-ids';

/** Long enough to notice from the corner of an eye. */
const BELL_SHOWN_MS = 1500;

/** The terminal of a session with its toolbar, search, options and key bar. */
@Component({
  selector: 'ra-terminal',
  imports: [
    C8yTranslatePipe,
    IconDirective,
    KeyBarComponent,
    SearchBarComponent,
    TerminalMenuComponent,
    TerminalOptionsPanelComponent,
  ],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { '(keydown)': 'actOnShortcut($event)' },
  templateUrl: './terminal.component.html',
  styleUrls: ['../ui/viewer-tools.css', './terminal.component.css'],
})
export class TerminalComponent implements OnDestroy {
  protected readonly ids = inject(DomIds);
  readonly dark = input.required<boolean>();
  /** Whether the user's input goes to this terminal. */
  readonly active = input(true);
  /** The name of the endpoint, also used for the saved file. */
  readonly name = input.required<string>();
  readonly canSendBreak = input.required<boolean>();
  /** What keys send to the endpoint. */
  readonly keys = input<KeyOptions & { readonly localEcho?: boolean }>({});
  readonly typed = output<Uint8Array<ArrayBuffer>>();
  readonly resized = output<{ cols: number; rows: number }>();
  /** The title that the program has set, as one line of plain text. */
  readonly titleChanged = output<string>();
  readonly breakRequested = output();
  /** The terminal bell rang. */
  readonly rang = output();
  /** The user wants to move the focus out of the terminal. */
  readonly leaveRequested = output();

  private readonly zone = inject(NgZone);
  private readonly questions = inject(QuestionDialog);
  private readonly alerts = inject(AlertService);
  readonly tools = viewChild.required<TemplateRef<unknown>>('tools');
  private readonly surface = viewChild.required<ElementRef<HTMLElement>>('surface');
  private readonly searchBar = viewChild(SearchBarComponent);
  protected readonly preferences = signal(readPreferences(localStorage, thisComputer()));
  protected readonly searching = signal(false);
  protected readonly optionsShown = signal(false);
  protected readonly bellShown = signal(false);
  protected readonly ctrl = signal(false);
  protected readonly searchResult = signal<SearchResult>({ index: -1, count: 0 });
  protected readonly theme = computed<TerminalThemeName>(() => {
    const { theme } = this.preferences();
    return shownTheme(theme, this.dark());
  });
  /** The keys that the user has chosen for this session. */
  protected readonly chosenKeys = signal<KeyOptions>({});
  protected readonly usedKeys = computed<KeyOptions>(() => ({
    ...this.keys(),
    ...this.chosenKeys(),
  }));
  protected readonly localEcho = signal(false);
  /** Whether the service already echoes what is typed. */
  protected readonly endpointEchoes = computed(() => this.keys().localEcho === true);
  protected readonly menu = signal<
    { x: number; y: number; disabled: readonly TerminalMenuAction[] } | undefined
  >(undefined);
  private screen: XtermScreen | undefined;
  private destroyed = false;
  private bellTimer: ReturnType<typeof setTimeout> | undefined;
  /** After the user has declined once, the program cannot ask again in the same session. */
  private mayAskToCopy = true;

  constructor() {
    effect(() => {
      // Read the signals even without a screen; otherwise the effect would not track them.
      const [preferences, theme] = [this.preferences(), this.theme()];
      this.screen?.apply(preferences, theme);
    });
    effect(() => {
      const [keys, localEcho] = [this.usedKeys(), this.localEcho()];
      if (this.screen) Object.assign(this.screen.keyboard, { keys, localEcho });
    });
  }

  ngOnDestroy(): void {
    this.destroyed = true;
    clearTimeout(this.bellTimer);
    this.screen?.dispose();
  }

  get size(): { cols: number; rows: number } {
    if (this.screen) return this.screen.size;
    const { fontSizePx } = this.preferences();
    const style = { fontFamily: FONT_FAMILY, fontSizePx, lineHeight: LINE_HEIGHT };
    return expectedSize(this.surface().nativeElement, style);
  }

  settled(): Promise<void> {
    return layoutSettled(this.surface().nativeElement);
  }

  fitted(): Promise<void> {
    return this.screen?.fitted ?? Promise.resolve();
  }

  async load(connecting: Promise<void>, expected?: XtermSize): Promise<void> {
    await Promise.all([loadXterm(), connecting]);
    if (this.destroyed) return;
    const element = this.surface().nativeElement;
    const label = element.dataset['label'] ?? '';
    const look = { preferences: this.preferences(), theme: this.theme() };
    const screen = await XtermScreen.open(element, label, look, this.listener(), expected);
    if (this.destroyed) return screen.dispose();
    screen.apply(this.preferences(), this.theme());
    screen.keyboard.keys = this.usedKeys();
    screen.keyboard.localEcho = this.localEcho();
    this.screen = screen;
  }

  sessionOpened(): void {
    this.mayAskToCopy = true;
  }

  draw(bytes: Uint8Array<ArrayBuffer>, drawn: () => void): void {
    this.screen?.write(bytes, drawn);
  }

  snapshot(): string | undefined {
    return this.screen?.snapshot();
  }

  visibleScreen(): string | undefined {
    return this.screen?.visibleScreen();
  }

  restore(snapshot: string): void {
    this.screen?.restore(snapshot);
  }

  sessionEnded(): void {
    // The existing output stays readable.
  }

  reset(): void {
    this.screen?.reset();
  }

  focus(): void {
    this.screen?.focus();
  }

  protected choose(changed: Partial<TerminalPreferences>): void {
    this.preferences.set({ ...this.preferences(), ...changed });
    storePreferences(localStorage, this.preferences());
  }

  protected chooseKey(chosen: KeyOptions): void {
    this.chosenKeys.update(keys => ({ ...keys, ...chosen }));
  }

  protected stepFontSize(step: 'larger' | 'smaller' | 'default-size'): void {
    const { fontSizePx } = this.preferences();
    const sizes = {
      larger: fontSizePx + 1,
      smaller: fontSizePx - 1,
      'default-size': FONT_SIZES.default,
    };
    this.choose({ fontSizePx: boundedFontSize(sizes[step]) });
  }

  /** Handles the same shortcuts while the focus is on a button: Ctrl+0 would zoom the page. */
  protected actOnShortcut(event: KeyboardEvent): void {
    // The terminal has already handled its own keys.
    if (event.defaultPrevented) return;
    const shortcut = shortcutOf(event, false);
    if (shortcut === 'search') this.search();
    else if (isFontStep(shortcut)) this.stepFontSize(shortcut);
    else return;
    event.preventDefault();
  }

  /**
   * Called after a click; with the keyboard the focus stays on the button, which may be pressed
   * again.
   */
  protected returnFocus({ detail }: UIEvent): void {
    if (detail > 0) this.focus();
  }

  protected act(action: TerminalMenuAction): void {
    this.closeMenu();
    switch (action) {
      case 'copy':
        return this.screen?.copy();
      case 'paste':
        return void this.pasteFromClipboard();
      case 'select-all':
        return this.screen?.selectAll();
      case 'clear':
        return this.screen?.clear();
      case 'find':
        return this.search();
      default:
        action satisfies never;
    }
  }

  protected closeMenu(): void {
    this.menu.set(undefined);
    this.focus();
  }

  protected search(): void {
    this.searching.set(true);
    this.searchBar()?.focus();
  }

  protected toggleOptions(): void {
    this.optionsShown.set(!this.optionsShown());
    if (!this.optionsShown()) this.focus();
  }

  protected find(request: SearchRequest): void {
    this.screen?.find(request);
  }

  protected endSearch(): void {
    this.searching.set(false);
    this.screen?.endSearch();
    this.focus();
  }

  protected press(key: KeyBarKey): void {
    this.screen?.keyboard.press(key);
  }

  protected toggleCtrl(): void {
    this.screen?.keyboard.toggleCtrl();
  }

  protected save(): void {
    const text = new Blob([this.screen?.text() ?? ''], { type: 'text/plain' });
    saveFile(text, `${this.name() || 'terminal'}.txt`);
    this.focus();
  }

  private listener(): TerminalListener {
    // Sessions run outside the zone, where a change is rendered a frame later. The next key is for what
    // this one has opened.
    const atOnce =
      <Given extends unknown[]>(act: (...given: Given) => void) =>
      (...given: Given): void =>
        this.zone.run(() => act(...given));
    return {
      typed: bytes => this.typed.emit(bytes),
      resized: (cols, rows) => this.resized.emit({ cols, rows }),
      leaveRequested: () => this.leaveRequested.emit(),
      searchRequested: atOnce(() => this.search()),
      searched: result => this.searchResult.set(result),
      fontSizeRequested: atOnce(step => this.stepFontSize(step)),
      titleChanged: title => this.titleChanged.emit(title),
      bell: () => this.showBell(),
      pasted: atOnce(text => void this.paste(text)),
      linkClicked: address => void this.follow(address),
      clipboardWriteRequested: text => void this.askToCopy(text),
      ctrlChanged: atOnce(down => this.ctrl.set(down)),
      menuRequested: atOnce((x, y) => this.menu.set({ x, y, disabled: this.impossible() })),
    };
  }

  private showBell(): void {
    clearTimeout(this.bellTimer);
    this.bellShown.set(true);
    this.rang.emit();
    this.bellTimer = setTimeout(() => this.bellShown.set(false), BELL_SHOWN_MS);
  }

  private impossible(): TerminalMenuAction[] {
    const impossible: TerminalMenuAction[] = [];
    if (!this.screen?.hasSelection) impossible.push('copy');
    // It would erase parts of a picture that the program draws only once.
    if (this.screen?.isFullScreen) impossible.push('clear');
    return impossible;
  }

  private async pasteFromClipboard(): Promise<void> {
    try {
      await this.paste(await navigator.clipboard.readText());
    } catch {
      // Denied by the user, or a page without TLS, which has no `navigator.clipboard`.
      this.alerts.warning(
        gettext('The browser blocked access to the clipboard. Press Ctrl+Shift+V to paste.'),
      );
    }
  }

  private async paste(clipboard: string): Promise<void> {
    const pasted = sanitizePaste(clipboard);
    const asks = pasted.hasLineBreak && this.preferences().warnBeforePaste;
    if (asks && (await this.questions.ask(pasteQuestion(pasted))) !== 'yes') return;
    if (pasted.text !== '') this.screen?.paste(pasted.text);
  }

  private async follow(address: string): Promise<void> {
    const question = linkQuestion(address);
    if (!question || (await this.questions.ask(question)) !== 'yes') return;
    window.open(question.href, '_blank', 'noopener,noreferrer');
  }

  private async askToCopy(text: string): Promise<void> {
    // A program that the user is not looking at must not use the clipboard.
    if (!this.mayAskToCopy || !this.active()) return;
    this.mayAskToCopy = false;
    const answer = await this.questions.ask(copyQuestion(text));
    this.mayAskToCopy = answer === 'yes';
    if (answer === 'yes') await navigator.clipboard?.writeText(text).catch(() => undefined);
  }
}

function isFontStep(shortcut: Shortcut): shortcut is 'larger' | 'smaller' | 'default-size' {
  return shortcut === 'larger' || shortcut === 'smaller' || shortcut === 'default-size';
}
