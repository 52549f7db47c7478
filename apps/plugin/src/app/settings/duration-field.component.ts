import { ChangeDetectionStrategy, Component, input } from '@angular/core';
import { type FormControl, type FormGroup, ReactiveFormsModule } from '@angular/forms';
import { C8yTranslatePipe } from '../host/sdk';
import { FieldComponent } from '../ui/field.component';
import { gettext, type Message } from '../ui/message';
import type { DurationUnit } from './duration';

export type DurationGroup = FormGroup<{
  amount: FormControl<number | null>;
  unit: FormControl<DurationUnit>;
}>;

/** A number and its unit of time. */
@Component({
  selector: 'ra-duration-field',
  imports: [C8yTranslatePipe, FieldComponent, ReactiveFormsModule],
  providers: [C8yTranslatePipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <ra-field [for]="name()" [label]="label()" [hint]="hint()" [problem]="problem()">
      <div class="duration" [formGroup]="group()">
        <input
          type="number"
          class="form-control"
          inputmode="numeric"
          min="1"
          step="1"
          formControlName="amount"
          [id]="name()"
          [attr.aria-describedby]="name() + '-note'"
          [attr.aria-invalid]="problem() ? true : null"
        />
        <div class="c8y-select-wrapper">
          <select
            class="form-control"
            formControlName="unit"
            [attr.aria-label]="'{{ setting }}: unit' | translate: { setting: label() | translate }"
          >
            @for (unit of units; track unit.value) {
              <option [value]="unit.value">{{ unit.label | translate }}</option>
            }
          </select>
        </div>
      </div>
    </ra-field>
  `,
  styles: `
    .duration {
      display: grid;
      gap: 8px;
      grid-template-columns: minmax(72px, 120px) minmax(120px, 180px);
    }
  `,
})
export class DurationFieldComponent {
  /** Id of the number input. */
  readonly name = input.required<string>();
  readonly label = input.required<string>();
  readonly hint = input('');
  readonly group = input.required<DurationGroup>();
  readonly problem = input<Message>();

  protected readonly units: readonly { value: DurationUnit; label: string }[] = [
    { value: 'seconds', label: gettext('seconds') },
    { value: 'minutes', label: gettext('minutes') },
    { value: 'hours', label: gettext('hours') },
    { value: 'days', label: gettext('days') },
  ];
}
