import {
  ChangeDetectionStrategy,
  Component,
  computed,
  DestroyRef,
  inject,
  input,
  signal,
} from '@angular/core';
import { C8yTranslatePipe, IconDirective } from '../host/kit';
import { STAGES, type Connecting, type Stage } from './session-state';
import { elapsed, STAGE_WORDS } from './session-words';

/** Often enough for tenths of seconds to run. */
const TICK_MS = 100;

/** The steps of a session that opens: what is done, what is waited for and since when. */
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
    ol {
      width: min(100%, 340px);
      padding: 16px 24px;
      border: 1px solid var(--c8y-root-component-border-color, #d3d8dc);
      border-radius: 4px;
      background: var(--c8y-root-component-background-default, #fff);
      color: var(--c8y-root-component-color-default, inherit);
    }

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
  readonly state = input.required<Connecting>();
  private readonly nowMs = signal(performance.now());

  protected readonly steps = computed(() => {
    const { stage: current, reachedAtMs, startedAtMs } = this.state();
    const at = STAGES.indexOf(current);
    return STAGES.map((stage, index) => {
      const progress = index < at ? 'done' : index === at ? 'current' : 'ahead';
      return {
        stage,
        progress,
        words: STAGE_WORDS[stage][progress === 'done' ? 'done' : 'waiting'],
        time: timeOf(stage, progress, reachedAtMs, this.nowMs() - startedAtMs),
      };
    });
  });

  constructor() {
    const timer = setInterval(() => this.nowMs.set(performance.now()), TICK_MS);
    inject(DestroyRef).onDestroy(() => clearInterval(timer));
  }
}

function timeOf(
  stage: Stage,
  progress: 'done' | 'current' | 'ahead',
  reachedAtMs: Connecting['reachedAtMs'],
  nowMs: number,
): string {
  if (progress === 'ahead') return '';
  return elapsed(progress === 'current' ? nowMs : (reachedAtMs[stage] ?? 0));
}
