import { ChangeDetectionStrategy, Component, computed, effect, input, signal } from '@angular/core';
import { C8yTranslatePipe, IconDirective } from '../host/sdk';
import type { StartedState } from './connection/session-machine';
import { stepList } from './session-status';

/** Fast enough to show tenths of a second. */
const TICK_MS = 100;

/** The steps of connecting, with the time of each: done, current, failed and upcoming. */
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
          <span class="text">{{ step.text | translate }}</span>
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

    .text {
      flex: 1;
    }

    .time {
      font-variant-numeric: tabular-nums;
    }
  `,
})
export class SessionStepsComponent {
  readonly state = input.required<StartedState>();
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
