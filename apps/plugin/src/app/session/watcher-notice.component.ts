import { ChangeDetectionStrategy, Component, computed, input, output } from '@angular/core';
import type { WatchersMessage } from '@remote-access/contracts';
import { C8yTranslatePipe } from '../host/sdk';

/** Tells the user of a session who is watching, asks for consent, and hands the keyboard over. */
@Component({
  selector: 'ra-watcher-notice',
  imports: [C8yTranslatePipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    @for (watcher of watchers().watchers; track watcher.id) {
      <div class="notice" role="group" [attr.aria-label]="'Watching' | translate">
        <p class="m-0 text" role="status">
          @if (watcher.asks) {
            {{
              '{{ user }} wants to watch this session. Its output is shown, but not what you type.'
                | translate: { user: watcher.user }
            }}
          } @else if (watcher.id === keyboard()) {
            {{ '{{ user }} is watching and has the keyboard.' | translate: { user: watcher.user } }}
            {{ 'Until you take it back, what you type is not sent.' | translate }}
          } @else {
            {{ '{{ user }} is watching this session.' | translate: { user: watcher.user } }}
          }
        </p>
        @if (watcher.asks) {
          <button
            type="button"
            class="btn btn-primary btn-sm"
            (click)="answered.emit({ id: watcher.id, allow: true })"
          >
            {{ 'Allow' | translate }}
          </button>
          <button
            type="button"
            class="btn btn-default btn-sm"
            (click)="answered.emit({ id: watcher.id, allow: false })"
          >
            {{ 'Decline' | translate }}
          </button>
        } @else {
          @if (watcher.id === keyboard()) {
            <button type="button" class="btn btn-primary btn-sm" (click)="keyboardGiven.emit(null)">
              {{ 'Take the keyboard back' | translate }}
            </button>
          } @else if (canHandOver()) {
            <button
              type="button"
              class="btn btn-default btn-sm"
              (click)="keyboardGiven.emit(watcher.id)"
            >
              {{ 'Hand over the keyboard' | translate }}
            </button>
          }
          <button
            type="button"
            class="btn btn-default btn-sm"
            (click)="answered.emit({ id: watcher.id, allow: false })"
          >
            {{ 'End watching' | translate }}
          </button>
        }
      </div>
    }
  `,
  styles: `
    .notice {
      display: flex;
      flex-wrap: wrap;
      gap: 8px 16px;
      align-items: center;
      padding: 8px 16px;
      border-left: 4px solid var(--c8y-palette-status-info, #1776bf);
      border-bottom: 1px solid var(--c8y-root-component-border-color, #d3d8dc);
      background: var(--c8y-root-component-background-default, #fff);
    }

    .text {
      flex: 1 1 240px;
      min-width: 0;
      overflow-wrap: anywhere;
    }
  `,
})
export class WatcherNoticeComponent {
  readonly watchers = input.required<WatchersMessage>();
  /** Whether a watcher can type: not on a desktop. */
  readonly canHandOver = input.required<boolean>();
  readonly answered = output<{ id: number; allow: boolean }>();
  readonly keyboardGiven = output<number | null>();

  protected readonly keyboard = computed(() => this.watchers().keyboard);
}
