import {
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  ElementRef,
  inject,
  input,
  output,
  signal,
  untracked,
} from '@angular/core';
import { C8yTranslatePipe, IconDirective } from '../host/sdk';
import type { SessionTab, SessionTabs } from './session-tabs';
import { TAB_STATE_TEXTS, tabNamesOf, tabStateOf } from './tab-texts';
import { TouchDrag } from './touch-drag';

/** How far the arrow keys move. */
const STEPS: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1 };

/** A tab with its cross. */
const PLACE = '.place';

/** The tabs of the page, as a WAI-ARIA tab list whose selection follows the focus. */
@Component({
  selector: 'ra-tab-strip',
  imports: [C8yTranslatePipe, IconDirective],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './tab-strip.component.html',
  styleUrl: './tab-strip.component.css',
})
export class TabStripComponent {
  readonly tabs = input.required<SessionTabs>();
  /** The user selects a tab and stays in the strip. */
  readonly selected = output<SessionTab>();
  /** The user enters the session of a tab. */
  readonly entered = output<SessionTab>();
  readonly closed = output<SessionTab>();
  readonly added = output();
  readonly splitToggled = output();

  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef);
  protected readonly dragged = signal<SessionTab | undefined>(undefined);
  /** Where the dragged tab would be dropped: before or after which tab. */
  protected readonly drop = signal<{ tab: SessionTab; isAfter: boolean } | undefined>(undefined);
  protected readonly views = computed(() => {
    const tabs = this.tabs();
    return tabs.list().map(tab => {
      const state = tabStateOf(tab);
      const { name, where } = tabNamesOf(tab);
      return {
        ...{ tab, state, name, where, stateText: TAB_STATE_TEXTS[state] },
        isActive: tab === tabs.active(),
        isShown: tabs.shown().includes(tab),
      };
    });
  });
  protected readonly isSplit = computed(() => this.tabs().shown().length > 1);

  constructor() {
    const places = (): Element[] => [...this.host.nativeElement.querySelectorAll(PLACE)];
    const tabOf = (place: Element | undefined): SessionTab | undefined =>
      place && this.views()[places().indexOf(place)]?.tab;
    new TouchDrag(this.host.nativeElement, PLACE, {
      begun: place => this.dragged.set(tabOf(place)),
      moved: x => {
        const place = places().find(one => {
          const { left, right } = one.getBoundingClientRect();
          return left <= x && x < right;
        });
        const tab = tabOf(place);
        if (place && tab) this.drop.set({ tab, isAfter: isAfterMiddle(place, x) });
      },
      dropped: () => this.moveDragged(),
      cancelled: () => this.endDrag(),
    });
    effect(() => {
      const active = this.tabs().active();
      // After the strip has been rendered.
      if (active) untracked(() => setTimeout(() => this.reveal(active)));
    });
  }

  /** Moves the focus to the active tab. */
  focus(): void {
    this.elementOf(this.tabs().active())?.focus();
  }

  protected act(event: KeyboardEvent, tab: SessionTab): void {
    const { key, shiftKey, ctrlKey, altKey, metaKey } = event;
    if (ctrlKey || altKey || metaKey) return;
    const tabs = this.tabs();
    const step = STEPS[key];
    if (step !== undefined && shiftKey) tabs.move(tab, tabs.list().indexOf(tab) + step);
    else if (step !== undefined) this.select(tabs.neighbour(step));
    else if (shiftKey) return;
    else if (key === 'Home') this.select(tabs.list()[0]);
    else if (key === 'End') this.select(tabs.list().at(-1));
    else if (key !== 'Delete' && key !== 'Enter' && key !== ' ') return;
    event.preventDefault();
    // The focus moves elsewhere: to a question on the page, or to the session.
    if (key === 'Delete') return this.closed.emit(tab);
    if (key === 'Enter' || key === ' ') return this.entered.emit(tab);
    // A tab that has moved may have lost the focus.
    setTimeout(() => this.focus());
  }

  protected closeByMouse(event: MouseEvent, tab: SessionTab): void {
    const MIDDLE = 1;
    if (event.button !== MIDDLE) return;
    event.preventDefault();
    this.closed.emit(tab);
  }

  protected begin(event: DragEvent, tab: SessionTab): void {
    this.dragged.set(tab);
    // Firefox does not start dragging without data.
    event.dataTransfer?.setData('text/plain', tabNamesOf(tab).name);
  }

  protected dragOver(event: DragEvent, tab: SessionTab): void {
    if (!this.dragged()) return;
    event.preventDefault();
    const isAfter = isAfterMiddle(event.currentTarget as HTMLElement, event.clientX);
    this.drop.set({ tab, isAfter });
  }

  protected dropped(event: DragEvent): void {
    if (this.dragged()) event.preventDefault();
    this.moveDragged();
  }

  private moveDragged(): void {
    const [dragged, drop] = [this.dragged(), this.drop()];
    if (dragged && drop && dragged !== drop.tab) {
      const others = this.tabs()
        .list()
        .filter(tab => tab !== dragged);
      this.tabs().move(dragged, others.indexOf(drop.tab) + (drop.isAfter ? 1 : 0));
    }
    this.endDrag();
  }

  protected endDrag(): void {
    this.dragged.set(undefined);
    this.drop.set(undefined);
  }

  private select(tab: SessionTab | undefined): void {
    if (tab) this.selected.emit(tab);
  }

  private reveal(tab: SessionTab): void {
    this.elementOf(tab)?.parentElement?.scrollIntoView?.({ block: 'nearest', inline: 'nearest' });
  }

  private elementOf(tab: SessionTab | undefined): HTMLElement | null {
    return tab
      ? this.host.nativeElement.querySelector<HTMLElement>(`#session-tab-${CSS.escape(tab.id)}`)
      : null;
  }
}

function isAfterMiddle(place: Element, x: number): boolean {
  const { left, width } = place.getBoundingClientRect();
  return x > left + width / 2;
}
