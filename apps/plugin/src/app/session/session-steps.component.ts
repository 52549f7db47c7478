import { ChangeDetectionStrategy, Component, computed, effect, input, signal } from '@angular/core';
import { C8yTranslatePipe, IconDirective } from '../host/kit';
import type { SessionState } from './session-state';
import { stepList } from './step-list';

/** Often enough for tenths of seconds to run. */
const TICK_MS = 100;

/** The steps of a session: what is done, what is waited for and since when, and what failed. */
@Component({
  selector: 'ra-session-steps',
  imports: [C8yTranslatePipe, IconDirective],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <ol class="list-unstyled m-0">
      @for (step of steps(); track step.stage) {
        <li [class.text-muted]="step.progress === 'ahead'">
          @switch (step.progress) {
            @case ('done') {
              <i c8yIcon="check" class="text-success" aria-hidden="true"></i>
            }
            @case ('current') {
              <i c8yIcon="circle-o-notch" class="icon-spin" aria-hidden="true"></i>
            }
            @case ('failed') {
              <i c8yIcon="times" class="text-danger" aria-hidden="true"></i>
            }
            @default {
              <i c8yIcon="circle-thin" aria-hidden="true"></i>
            }
          }
          <span class="words">{{ step.words | translate }}</span>
          <span class="time text-muted">{{ step.time }}</span>
        </li>
      }
    </ol>
  `,
  styles: `
    li {
      display: flex;
      gap: 8px;
      align-items: center;
      padding: 4px 0;
    }

    .words {
      flex: 1;
    }

    .time {
      font-variant-numeric: tabular-nums;
    }
  `,
})
export class SessionStepsComponent {
  readonly state = input.required<Exclude<SessionState, { phase: 'idle' }>>();
  private readonly nowMs = signal(performance.now());

  protected readonly steps = computed(() => stepList(this.state(), this.nowMs()));

  constructor() {
    effect(onCleanup => {
      if (this.state().phase !== 'connecting') return;
      const timer = setInterval(() => this.nowMs.set(performance.now()), TICK_MS);
      onCleanup(() => clearInterval(timer));
    });
  }
}
