import { ChangeDetectionStrategy, Component, input } from '@angular/core';
import { C8yTranslatePipe } from '../host/kit';
import { SayPipe } from './say.pipe';
import type { Words } from './words';

/**
 * Label, control and what is to be said about it. The control is projected; it names the note by
 * `aria-describedby="<for>-note"`.
 */
@Component({
  selector: 'ra-field',
  imports: [C8yTranslatePipe, SayPipe],
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
      <small class="form-control-feedback-message d-block" [id]="for() + '-note'">
        @if (problem(); as problem) {
          {{ problem | say }}
        } @else if (hint()) {
          <span class="text-muted">{{ hint() | translate }}</span>
        }
      </small>
    </div>
  `,
})
export class FieldComponent {
  readonly for = input.required<string>();
  readonly label = input.required<string>();
  readonly problem = input<Words>();
  readonly hint = input<string>('');
  readonly optional = input(false);
}
