import {
  ChangeDetectionStrategy,
  Component,
  computed,
  inject,
  ElementRef,
  input,
  output,
} from '@angular/core';
import { C8yTranslatePipe } from '../host/sdk';
import { TranslateMessagePipe } from '../ui/translate-message.pipe';
import { mayRetry, type Ended } from './connection/session-machine';
import { SessionStepsComponent } from './session-steps.component';
import { endingOf } from './session-status';
import { DomIds } from '../ui/dom-ids';
import { serviceMessage } from '../ui/service-sentences';

/** Shows which side ended a session, why, at which step, and what to do about it. */
@Component({
  selector: 'ra-session-ending',
  imports: [C8yTranslatePipe, TranslateMessagePipe, SessionStepsComponent],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <div
      class="banner"
      tabindex="-1"
      role="group"
      [attr.aria-describedby]="ids.of('session-reasons')"
      [attr.aria-label]="ending().heading | translateMessage"
      [class.banner--calm]="ended().code === 'normal'"
    >
      <div [id]="ids.of('session-reasons')" class="banner-text">
        <p class="text-medium m-0 text-break-word">{{ ending().heading | translateMessage }}</p>
        @for (reason of ending().reasons; track $index) {
          <p class="m-0 text-break-word">{{ reason | translateMessage }}</p>
        }
        @if (hint(); as hint) {
          <p class="m-0 small text-muted text-break-word">
            {{ 'For the operator:' | translate }} {{ hint | translateMessage }} ({{ ended().code }})
          </p>
        }
      </div>
      @if (ended().failedAt) {
        <ra-session-steps class="steps" [state]="ended()"></ra-session-steps>
      }
      <button
        type="button"
        class="btn btn-sm"
        [class.btn-primary]="retries()"
        [class.btn-default]="!retries()"
        (click)="reconnect.emit()"
      >
        {{ (ended().wasOpen ? 'Reconnect' : 'Connect') | translate }}
      </button>
      <button type="button" class="btn btn-default btn-sm" (click)="dismissed.emit()">
        {{ 'Close tab' | translate }}
      </button>
    </div>
  `,
  styles: `
    .banner {
      display: flex;
      flex-wrap: wrap;
      gap: 8px 24px;
      align-items: center;
      padding: 12px 16px;
      border-left: 4px solid var(--c8y-palette-status-danger, #c2281d);
      border-bottom: 1px solid var(--c8y-root-component-border-color, #d3d8dc);
      background: var(--c8y-root-component-background-default, #fff);
    }

    .banner--calm {
      border-left-color: var(--c8y-root-component-border-color, #8b949c);
    }

    .banner-text {
      flex: 1 1 240px;
      min-width: 0;
    }

    .steps {
      flex: 0 1 300px;
    }
  `,
})
export class SessionEndingComponent {
  protected readonly ids = inject(DomIds);
  readonly ended = input.required<Ended>();
  readonly reconnect = output();
  readonly dismissed = output();

  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef);

  protected readonly ending = computed(() => endingOf(this.ended()));
  protected readonly hint = computed(() => {
    const { hint } = this.ended();
    return hint === '' ? undefined : serviceMessage(hint);
  });
  protected readonly retries = computed(() => mayRetry(this.ended()));

  /** Moves the focus here, so that screen readers read the reason and Tab reaches Reconnect. */
  focus(): void {
    this.host.nativeElement.querySelector<HTMLElement>('.banner')?.focus();
  }
}
