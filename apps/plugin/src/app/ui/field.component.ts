import { ChangeDetectionStrategy, Component, input } from '@angular/core';
import { C8yTranslatePipe } from '../host/sdk';
import { TranslateMessagePipe } from './translate-message.pipe';
import type { Message } from './message';

/**
 * A label, a projected control, and a note with the control's problem or hint. The control refers
 * to the note with `aria-describedby="<for>-note"`.
 */
@Component({
  selector: 'ra-field',
  imports: [C8yTranslatePipe, TranslateMessagePipe],
  providers: [C8yTranslatePipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <div class="form-group" [class.has-error]="problem()">
      <label [for]="for()">
        {{ label() | translate }}
        @if (optional()) {
          <span class="text-muted">{{ '(optional)' | translate }}</span>
        }
      </label>
      <ng-content></ng-content>
      <div [id]="for() + '-note'" aria-live="polite">
        @if (problem(); as problem) {
          <small class="form-control-feedback-message d-block text-break-word">
            {{ problem | translateMessage }}
          </small>
        } @else if (hint()) {
          <small class="text-muted d-block m-t-4">{{ hint() | translate }}</small>
        }
      </div>
    </div>
  `,
  styles: `
    .form-group {
      margin-bottom: 16px;
    }
  `,
})
export class FieldComponent {
  readonly for = input.required<string>();
  readonly label = input.required<string>();
  readonly problem = input<Message>();
  readonly hint = input<string>('');
  readonly optional = input(false);
}
