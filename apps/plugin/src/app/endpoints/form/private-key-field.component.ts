import { ChangeDetectionStrategy, Component, computed, inject, input } from '@angular/core';
import { ReactiveFormsModule } from '@angular/forms';
import { C8yTranslatePipe } from '../../host/kit';
import { FieldComponent } from '../../ui/field.component';
import { gettext } from '../../ui/words';
import { AfterRenderFocus } from './after-render-focus';
import { DraftControlDirective } from './draft-control.directive';
import { DraftForm } from './draft-form';
import { KeyMakerComponent } from './key-maker.component';
import { KeyTextFieldComponent } from './key-text-field.component';
import { StoredSecretComponent } from './stored-secret.component';

/** The private key: stored, made here, or brought along, with its passphrase where it has one. */
@Component({
  selector: 'ra-private-key-field',
  imports: [
    C8yTranslatePipe,
    DraftControlDirective,
    FieldComponent,
    KeyMakerComponent,
    KeyTextFieldComponent,
    ReactiveFormsModule,
    StoredSecretComponent,
  ],
  providers: [AfterRenderFocus],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    @if (draft.keeps('privateKey')) {
      <ra-stored-secret
        label="Private key"
        what="Change the private key"
        (renew)="change()"
      ></ra-stored-secret>
    } @else {
      @if (generates()) {
        <ra-key-maker></ra-key-maker>
      }
      <ra-key-text-field
        field="privateKey"
        label="Private key"
        what="Private key from a file"
        [hint]="hint"
        [rows]="4"
      >
        @if (draft.couldKeep('privateKey')) {
          <button type="button" class="btn btn-default btn-sm" (click)="draft.keep('privateKey')">
            {{ 'Keep the stored key' | translate }}
          </button>
        }
      </ra-key-text-field>
      @if (asksPassphrase()) {
        <ra-field
          for="ra-passphrase"
          label="Passphrase"
          hint="The private key is protected with it. It is used once and not stored."
          [problem]="draft.problem('passphrase')"
        >
          <input
            raDraft="passphrase"
            [formControl]="draft.form.controls.passphrase"
            type="password"
            autocomplete="new-password"
            aria-required="true"
          />
        </ra-field>
      }
    }
  `,
})
export class PrivateKeyFieldComponent {
  protected readonly draft = inject(DraftForm);
  private readonly focus = inject(AfterRenderFocus);

  /** Whether a fresh pair would do: a certificate belongs to a key that is there already. */
  readonly generates = input(true);

  protected readonly hint = gettext('Paste it, drop a file, or choose one: OpenSSH, PEM or PuTTY.');
  protected readonly asksPassphrase = computed(
    () => this.draft.keys.encrypted() || this.draft.problem('passphrase') !== undefined,
  );

  protected change(): void {
    this.draft.renew('privateKey');
    this.focus.on('#ra-privateKey');
  }
}
