import {
  ChangeDetectionStrategy,
  Component,
  computed,
  input,
  type OnDestroy,
  output,
  signal,
} from '@angular/core';
import { C8yTranslatePipe } from '../host/sdk';
import { gettext, type Message } from '../ui/message';
import { TranslateMessagePipe } from '../ui/translate-message.pipe';
import type { Interrupted } from './connection/session-machine';

/**
 * Says that the connection is lost, how long the session waits, and how much has been typed
 * meanwhile.
 */
@Component({
  selector: 'ra-session-interruption',
  imports: [C8yTranslatePipe, TranslateMessagePipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <div class="banner" role="group" [attr.aria-label]="'Connection lost' | translate">
      <div class="banner-text">
        <p class="text-medium m-0">{{ 'The connection was lost' | translate }}</p>
        <p class="m-0">{{ remaining() | translateMessage }}</p>
        @if (held(); as held) {
          <p class="m-0" role="status">{{ held | translateMessage }}</p>
        }
      </div>
      @if (state().heldBytes > 0) {
        <button type="button" class="btn btn-sm btn-default" (click)="discarded.emit()">
          {{ 'Discard typed text' | translate }}
        </button>
      }
      <button type="button" class="btn btn-sm btn-primary" (click)="retried.emit()">
        {{ 'Reconnect now' | translate }}
      </button>
    </div>
  `,
  styles: `
    .banner {
      display: flex;
      flex-wrap: wrap;
      gap: 8px 16px;
      align-items: center;
      padding: 12px 16px;
      border-left: 4px solid var(--c8y-palette-status-warning, #f0a23b);
      border-bottom: 1px solid var(--c8y-root-component-border-color, #d3d8dc);
      background: var(--c8y-root-component-background-default, #fff);
    }

    .banner-text {
      flex: 1 1 240px;
      min-width: 0;
    }
  `,
})
export class SessionInterruptionComponent implements OnDestroy {
  readonly state = input.required<Interrupted>();
  readonly retried = output();
  readonly discarded = output();

  private readonly nowMs = signal(performance.now());
  private readonly ticking = setInterval(() => this.nowMs.set(performance.now()), 1_000);

  protected readonly remaining = computed((): Message => {
    const { keptUntilMs } = this.state();
    if (keptUntilMs === undefined) {
      return {
        text: gettext('Reconnecting with a new session. The picture still shows the previous one.'),
      };
    }
    const seconds = Math.ceil((keptUntilMs - this.nowMs()) / 1_000);
    return seconds > 0
      ? {
          text: gettext('Reconnecting. The session is kept for another {{ seconds }} s.'),
          values: { seconds: String(seconds) },
        }
      : { text: gettext('Reconnecting. The session may have ended in the meantime.') };
  });
  protected readonly held = computed((): Message | undefined => {
    const { heldBytes, isFull } = this.state();
    if (heldBytes === 0 && !isFull) return undefined;
    const values = { count: String(heldBytes) };
    return isFull
      ? {
          text: gettext(
            '{{ count }} bytes typed in the meantime will be sent. No more can be kept.',
          ),
          values,
        }
      : {
          text:
            heldBytes === 1
              ? gettext('1 byte typed in the meantime will be sent.')
              : gettext('{{ count }} bytes typed in the meantime will be sent.'),
          values,
        };
  });

  ngOnDestroy(): void {
    clearInterval(this.ticking);
  }
}
