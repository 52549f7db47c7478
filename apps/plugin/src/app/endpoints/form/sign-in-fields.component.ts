import { ChangeDetectionStrategy, Component, inject } from '@angular/core';
import { ReactiveFormsModule } from '@angular/forms';
import { C8yTranslatePipe } from '../../host/sdk';
import { FieldComponent } from '../../ui/field.component';
import { CREDENTIALS_LABELS } from '../endpoint-labels';
import { CertificateFieldComponent } from './certificate-field.component';
import { DraftControlDirective, DraftForm } from './draft-form';
import { PasswordFieldComponent } from './password-field.component';
import { PrivateKeyFieldComponent } from './private-key-field.component';
import { PublicKeyFieldComponent } from './public-key-field.component';

/** How to sign in to the server. */
@Component({
  selector: 'ra-sign-in-fields',
  imports: [
    C8yTranslatePipe,
    CertificateFieldComponent,
    DraftControlDirective,
    FieldComponent,
    PasswordFieldComponent,
    PrivateKeyFieldComponent,
    PublicKeyFieldComponent,
    ReactiveFormsModule,
  ],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    @if (draft.credentialsTypes().length > 1) {
      <ra-field
        for="ra-credentialsType"
        label="Sign-in method"
        [problem]="draft.problem('credentialsType')"
      >
        <div class="c8y-select-wrapper">
          <select raDraft="credentialsType" [formControl]="draft.form.controls.credentialsType">
            @for (type of draft.credentialsTypes(); track type) {
              <option [value]="type">{{ label[type] | translate }}</option>
            }
          </select>
        </div>
      </ra-field>
    }
    @if (draft.shows('username')) {
      <ra-field for="ra-username" label="Username" [problem]="draft.problem('username')">
        <input
          raDraft="username"
          [formControl]="draft.form.controls.username"
          aria-required="true"
        />
      </ra-field>
    }
    @if (draft.shows('password')) {
      <ra-password-field></ra-password-field>
    }
    @if (draft.shows('privateKey')) {
      <ra-private-key-field [canGenerate]="draft.shows('publicKey')"></ra-private-key-field>
    }
    @if (draft.shows('publicKey')) {
      <ra-public-key-field></ra-public-key-field>
    }
    @if (draft.shows('certificate')) {
      <ra-certificate-field></ra-certificate-field>
    }
  `,
})
export class SignInFieldsComponent {
  protected readonly draft = inject(DraftForm);
  protected readonly label = CREDENTIALS_LABELS;
}
