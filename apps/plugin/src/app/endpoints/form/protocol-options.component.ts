import { ChangeDetectionStrategy, Component, inject } from '@angular/core';
import { ReactiveFormsModule } from '@angular/forms';
import { ENCODINGS } from '@remote-access/contracts';
import { C8yTranslatePipe } from '../../host/kit';
import { FieldComponent } from '../../ui/field.component';
import { ENCODING_LABEL } from '../protocol-look';
import { DraftControlDirective } from './draft-control.directive';
import { DraftForm } from './draft-form';

/** What some servers need and some screens ask for, by protocol. */
@Component({
  selector: 'ra-protocol-options',
  imports: [C8yTranslatePipe, DraftControlDirective, FieldComponent, ReactiveFormsModule],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    @if (draft.shows('encoding')) {
      <ra-field
        for="ra-encoding"
        label="Character encoding"
        hint="Of the terminal at the far end. Old machines often use another one than UTF-8."
        [problem]="draft.problem('encoding')"
      >
        <div class="c8y-select-wrapper">
          <select raDraft="encoding" [formControl]="draft.form.controls.encoding">
            @for (encoding of encodings; track encoding) {
              <option [value]="encoding">{{ label[encoding] | translate }}</option>
            }
          </select>
        </div>
      </ra-field>
    }
    @if (draft.shows('legacyAlgorithms')) {
      <label class="c8y-checkbox m-b-8">
        <input type="checkbox" [formControl]="draft.form.controls.legacyAlgorithms" />
        <span></span>
        <span>{{ 'Allow legacy algorithms' | translate }}</span>
      </label>
      <div aria-live="polite">
        @if (draft.value().legacyAlgorithms) {
          <p class="alert alert-warning">
            {{
              'Ciphers and signatures that are known to be weak are accepted, for servers that have no others. Somebody on the way between gateway and server may be able to read along. Update the server where you can.'
                | translate
            }}
          </p>
        }
      </div>
    }
    @if (draft.shows('viewOnly')) {
      <label class="c8y-checkbox m-b-8">
        <input type="checkbox" [formControl]="draft.form.controls.viewOnly" />
        <span></span>
        <span>{{ 'View only: nothing is typed or clicked' | translate }}</span>
      </label>
    }
    @if (draft.shows('shared')) {
      <label class="c8y-checkbox m-b-8">
        <input type="checkbox" [formControl]="draft.form.controls.shared" />
        <span></span>
        <span>{{ 'Shared: others who look at the same screen stay connected' | translate }}</span>
      </label>
    }
  `,
})
export class ProtocolOptionsComponent {
  protected readonly draft = inject(DraftForm);
  protected readonly encodings = ENCODINGS;
  protected readonly label = ENCODING_LABEL;
}
