import {
  ChangeDetectionStrategy,
  Component,
  computed,
  input,
  output,
  signal,
  type OnDestroy,
} from '@angular/core';
import type { ClosingCause } from '@remote-access/contracts';
import { C8yTranslatePipe } from '../host/sdk';
import { gettext } from '../ui/message';
import { TranslateMessagePipe } from '../ui/translate-message.pipe';
import type { ExpectedEnd } from './connection/session-machine';

const TEXTS: Readonly<Record<ClosingCause, string>> = {
  idle: gettext('The session has been idle for too long and will be closed.'),
  duration: gettext('The session is about to reach its maximum duration and will be closed.'),
  shutdown: gettext('The remote access service is being restarted and will close the session.'),
};

/** Warns that a session is about to end, and offers to keep an idle one. */
@Component({
  selector: 'ra-session-closing',
  imports: [C8yTranslatePipe, TranslateMessagePipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <div class="alert alert-warning banner" role="alert">
      <span class="text">{{ text() | translate }}</span>
      <!-- Announced once, and not every second. -->
      <span aria-live="off">{{ left() | translateMessage }}</span>
      @if (closing().cause === 'idle') {
        <button type="button" class="btn btn-default btn-sm" (click)="stay.emit()">
          {{ 'Stay connected' | translate }}
        </button>
      }
    </div>
  `,
  styles: `
    .banner {
      display: flex;
      flex-wrap: wrap;
      gap: 8px 16px;
      align-items: center;
      margin: 0;
    }

    .text {
      flex: 1 1 240px;
    }
  `,
})
export class SessionClosingComponent implements OnDestroy {
  readonly closing = input.required<ExpectedEnd>();
  readonly stay = output();

  private readonly nowMs = signal(performance.now());
  private readonly timer = setInterval(() => this.nowMs.set(performance.now()), 1_000);

  protected readonly text = computed(() => TEXTS[this.closing().cause]);
  protected readonly left = computed(() => {
    const seconds = Math.max(0, Math.ceil((this.closing().atMs - this.nowMs()) / 1_000));
    return { text: gettext('{{ seconds }} s left'), values: { seconds: String(seconds) } };
  });

  ngOnDestroy(): void {
    clearInterval(this.timer);
  }
}
