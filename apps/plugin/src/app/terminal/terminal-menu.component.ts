import {
  afterNextRender,
  ChangeDetectionStrategy,
  Component,
  computed,
  ElementRef,
  inject,
  input,
  output,
  signal,
} from '@angular/core';
import { C8yTranslatePipe } from '../host/sdk';
import { gettext } from '../ui/message';

export type TerminalMenuAction = 'copy' | 'paste' | 'select-all' | 'clear' | 'find';

const ITEMS: readonly { action: TerminalMenuAction; label: string; keys?: string }[] = [
  { action: 'copy', label: gettext('Copy'), keys: gettext('Ctrl+Shift+C') },
  { action: 'paste', label: gettext('Paste'), keys: gettext('Ctrl+Shift+V') },
  { action: 'select-all', label: gettext('Select all text') },
  { action: 'clear', label: gettext('Clear terminal') },
  { action: 'find', label: gettext('Find'), keys: gettext('Ctrl+Shift+F') },
];

/** Pixels between the menu and the edge of the window. */
const MARGIN = 4;

/** The context menu of a terminal, at the position of the click or touch. */
@Component({
  selector: 'ra-terminal-menu',
  imports: [C8yTranslatePipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: {
    '[style.left.px]': 'place().x',
    '[style.top.px]': 'place().y',
    '(document:pointerdown)': 'closeUnlessInside($event)',
    '(window:blur)': 'closed.emit()',
    '(window:resize)': 'closed.emit()',
    '(contextmenu)': '$event.preventDefault()',
    '(keydown)': 'handleKey($event)',
  },
  template: `
    <div role="menu" [attr.aria-label]="'Terminal' | translate">
      @for (item of items; track item.action) {
        <button
          type="button"
          class="item"
          role="menuitem"
          tabindex="-1"
          [attr.aria-disabled]="disabled().includes(item.action)"
          (click)="choose(item.action)"
        >
          <span>{{ item.label | translate }}</span>
          @if (item.keys) {
            <kbd aria-hidden="true">{{ item.keys | translate }}</kbd>
          }
        </button>
      }
    </div>
  `,
  styles: `
    :host {
      position: fixed;
      z-index: 1050;
      min-width: 200px;
      padding: 4px 0;
      border: 1px solid var(--c8y-root-component-border-color, #d3d8dc);
      border-radius: 4px;
      background: var(--c8y-root-component-background-default, #fff);
      box-shadow: 0 2px 12px rgb(0 0 0 / 25%);
    }

    .item {
      display: flex;
      justify-content: space-between;
      gap: 24px;
      width: 100%;
      padding: 6px 16px;
      border: 0;
      background: none;
      color: inherit;
      text-align: start;
    }

    .item:hover,
    .item:focus {
      background: color-mix(in srgb, currentColor 12%, transparent);
      outline: none;
    }

    .item:focus-visible {
      outline: 2px solid currentColor;
      outline-offset: -2px;
    }

    .item[aria-disabled='true'] {
      opacity: 0.5;
    }

    kbd {
      padding: 0;
      background: none;
      box-shadow: none;
      color: inherit;
      font: inherit;
      font-size: 12px;
    }
  `,
})
export class TerminalMenuComponent {
  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef).nativeElement;

  /** Pixels from the top left corner of the window. */
  readonly at = input.required<{ x: number; y: number }>();
  /** Items that would have no effect at the moment. */
  readonly disabled = input.required<readonly TerminalMenuAction[]>();
  readonly chosen = output<TerminalMenuAction>();
  /** Closed without a choice. */
  readonly closed = output();

  protected readonly items = ITEMS;
  private readonly size = signal({ width: 0, height: 0 });
  protected readonly place = computed(() => {
    const { at, size } = { at: this.at(), size: this.size() };
    return {
      x: Math.max(MARGIN, Math.min(at.x, window.innerWidth - size.width - MARGIN)),
      y: Math.max(MARGIN, Math.min(at.y, window.innerHeight - size.height - MARGIN)),
    };
  });

  constructor() {
    afterNextRender(() => {
      this.size.set({ width: this.host.offsetWidth, height: this.host.offsetHeight });
      this.buttons()[0]?.focus();
    });
  }

  protected choose(action: TerminalMenuAction): void {
    if (!this.disabled().includes(action)) this.chosen.emit(action);
  }

  protected closeUnlessInside({ target }: Event): void {
    if (!this.host.contains(target as Node)) this.closed.emit();
  }

  protected handleKey(event: KeyboardEvent): void {
    const buttons = this.buttons();
    const at = buttons.indexOf(document.activeElement as HTMLElement);
    const next: Readonly<Record<string, number>> = {
      ArrowDown: (at + 1) % buttons.length,
      ArrowUp: (at - 1 + buttons.length) % buttons.length,
      Home: 0,
      End: buttons.length - 1,
    };
    if (event.key === 'Escape' || event.key === 'Tab') this.closed.emit();
    else if (event.key in next) buttons[next[event.key]!]?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private buttons(): HTMLElement[] {
    return [...this.host.querySelectorAll<HTMLElement>('[role=menuitem]')];
  }
}
