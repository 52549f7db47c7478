import {
  afterNextRender,
  ChangeDetectionStrategy,
  Component,
  computed,
  input,
  output,
  signal,
  viewChild,
  type ElementRef,
} from '@angular/core';
import { C8yTranslatePipe, IconDirective } from '../host/sdk';
import { TranslateMessagePipe } from '../ui/translate-message.pipe';
import { gettext, type Message } from '../ui/message';
import type { SearchRequest, SearchResult } from './xterm-screen';

/** Searches the output of a terminal. */
@Component({
  selector: 'ra-search-bar',
  imports: [C8yTranslatePipe, IconDirective, TranslateMessagePipe],
  providers: [C8yTranslatePipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { role: 'search', '(keydown.escape)': 'closed.emit()' },
  template: `
    <input
      #text
      class="form-control input-sm text"
      type="text"
      autocomplete="off"
      spellcheck="false"
      [attr.aria-label]="'Find in the terminal' | translate"
      [placeholder]="'Find in the terminal' | translate"
      (input)="find('newest')"
      (keydown.enter)="find('older')"
      (keydown.shift.enter)="find('newer')"
    />
    <span class="count small" role="status">{{ count() | translateMessage }}</span>
    <label class="c8y-checkbox m-0">
      <input type="checkbox" [checked]="matchCase()" (change)="toggleCase()" />
      <span></span>
      <span>{{ 'Match case' | translate }}</span>
    </label>
    <span class="buttons">
      <button
        type="button"
        class="btn btn-default btn-sm"
        [attr.aria-label]="'Older match' | translate"
        [title]="'Older match (Enter)' | translate"
        (click)="find('older')"
      >
        <i c8yIcon="chevron-up" aria-hidden="true"></i>
      </button>
      <button
        type="button"
        class="btn btn-default btn-sm"
        [attr.aria-label]="'Newer match' | translate"
        [title]="'Newer match (Shift+Enter)' | translate"
        (click)="find('newer')"
      >
        <i c8yIcon="chevron-down" aria-hidden="true"></i>
      </button>
      <button
        type="button"
        class="btn btn-default btn-sm"
        [attr.aria-label]="'Close search' | translate"
        [title]="'Close search (Esc)' | translate"
        (click)="closed.emit()"
      >
        <i c8yIcon="times" aria-hidden="true"></i>
      </button>
    </span>
  `,
  styles: `
    :host {
      display: flex;
      flex-wrap: wrap;
      gap: 4px 12px;
      align-items: center;
      padding: 6px 16px;
      border-bottom: 1px solid var(--c8y-root-component-border-color, #d3d8dc);
      background: var(--c8y-root-component-background-default, #fff);
    }

    .text {
      flex: 1 1 160px;
      width: auto;
      max-width: 360px;
    }

    .count {
      min-width: 6em;
      font-variant-numeric: tabular-nums;
    }

    .buttons {
      display: flex;
      gap: 4px;
    }
  `,
})
export class SearchBarComponent {
  readonly result = input.required<SearchResult>();
  readonly searched = output<SearchRequest>();
  readonly closed = output();

  private readonly text = viewChild.required<ElementRef<HTMLInputElement>>('text');
  protected readonly matchCase = signal(false);
  private readonly searchText = signal('');
  protected readonly count = computed(() => countText(this.searchText(), this.result()));

  constructor() {
    afterNextRender(() => this.focus());
  }

  focus(): void {
    this.text().nativeElement.select();
    this.text().nativeElement.focus();
  }

  protected find(direction: SearchRequest['direction']): void {
    const text = this.text().nativeElement.value;
    this.searchText.set(text);
    this.searched.emit({ text, direction, matchCase: this.matchCase() });
  }

  protected toggleCase(): void {
    this.matchCase.set(!this.matchCase());
    this.find('newest');
  }
}

function countText(searchText: string, { index, count }: SearchResult): Message {
  if (searchText === '') return { text: '' };
  if (count === 0) return { text: gettext('Not found') };
  // The search addon stops counting at a thousand matches.
  if (index < 0) return { text: gettext('{{ count }} or more'), values: { count: String(count) } };
  const values = { index: String(index + 1), count: String(count) };
  return { text: gettext('{{ index }} of {{ count }}'), values };
}
