import { ChangeDetectionStrategy, Component, computed, inject, input, signal } from '@angular/core';
import { ReactiveFormsModule } from '@angular/forms';
import { C8yTranslatePipe, IconDirective } from '../../host/sdk';
import { FieldComponent } from '../../ui/field.component';
import { gettext } from '../../ui/message';
import { AfterRenderFocus } from '../../ui/after-render-focus';
import { DraftControlDirective, DraftForm } from './draft-form';
import { KeyTextFieldComponent } from './key-text-field.component';
import { StoredSecretComponent } from './password-field.component';
import { Refusal } from '../../ui/refusal';
import { TranslateMessagePipe } from '../../ui/translate-message.pipe';
import { KEY_KINDS } from './key-client';

/** Generates a key pair and fills it in. */
@Component({
  selector: 'ra-key-generator',
  imports: [C8yTranslatePipe, IconDirective, TranslateMessagePipe],
  providers: [C8yTranslatePipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <div class="form-group">
      <label for="ra-key-kind">{{ 'New key pair' | translate }}</label>
      <div class="line">
        <div class="c8y-select-wrapper">
          <select #kind id="ra-key-kind" class="form-control">
            @for (one of kinds; track one.id) {
              <option [value]="one.id">{{ one.label | translate }}</option>
            }
          </select>
        </div>
        <button
          type="button"
          class="btn btn-default"
          [class.btn-pending]="busy()"
          [attr.aria-disabled]="busy()"
          (click)="generate(kind.value)"
        >
          <i c8yIcon="key" aria-hidden="true"></i>
          {{ 'Generate' | translate }}
        </button>
      </div>
      <div aria-live="polite">
        @if (generated()) {
          <small class="text-muted d-block m-t-4">
            {{
              'Key pair generated. Add the public key to the user’s authorized keys on the server.'
                | translate
            }}
          </small>
        }
        @if (refusal(); as refusal) {
          <small class="text-danger d-block m-t-4">{{ refusal.message | translateMessage }}</small>
        }
      </div>
    </div>
  `,
  styles: `
    .line {
      display: flex;
      gap: 8px;
    }

    .c8y-select-wrapper {
      flex: 1 1 auto;
      min-width: 0;
    }
  `,
})
export class KeyGeneratorComponent {
  private readonly draft = inject(DraftForm);

  protected readonly kinds = KEY_KINDS;
  protected readonly busy = signal(false);
  protected readonly generated = signal(false);
  protected readonly refusal = signal<Refusal | undefined>(undefined);

  protected async generate(kindId: string): Promise<void> {
    const kind = KEY_KINDS.find(one => one.id === kindId);
    if (this.busy() || !kind) return;
    this.busy.set(true);
    this.generated.set(false);
    const { username, hostname } = this.draft.value();
    const comment = [username.trim(), hostname.trim()].filter(Boolean).join('@');
    const answer = await this.draft.keys.client.generate({ ...kind.body, comment });
    this.busy.set(false);
    this.refusal.set(answer instanceof Refusal ? answer : undefined);
    if (answer instanceof Refusal) return;
    this.generated.set(true);
    this.draft.setKeyPair(answer.privateKey, answer.publicKey);
  }
}

/** The private key: stored, generated or entered by the user, with its passphrase if it has one. */
@Component({
  selector: 'ra-private-key-field',
  imports: [
    C8yTranslatePipe,
    DraftControlDirective,
    FieldComponent,
    KeyGeneratorComponent,
    KeyTextFieldComponent,
    ReactiveFormsModule,
    StoredSecretComponent,
  ],
  providers: [AfterRenderFocus],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    @if (draft.keepsStored('privateKey')) {
      <ra-stored-secret
        label="Private key"
        accessibleName="Change private key"
        (replace)="change()"
      ></ra-stored-secret>
    } @else {
      @if (canGenerate()) {
        <ra-key-generator></ra-key-generator>
      }
      <ra-key-text-field
        field="privateKey"
        label="Private key"
        accessibleName="Private key from a file"
        [hint]="hint"
        [rows]="4"
      >
        @if (draft.canKeepStored('privateKey')) {
          <button
            type="button"
            class="btn btn-default btn-sm"
            (click)="draft.keepStored('privateKey')"
          >
            {{ 'Keep stored key' | translate }}
          </button>
        }
      </ra-key-text-field>
      @if (draft.keys.repaired()) {
        <p class="text-muted small">
          {{ 'The line breaks of the key were missing and have been restored.' | translate }}
        </p>
      }
      @if (asksPassphrase()) {
        <ra-field
          for="ra-passphrase"
          label="Passphrase"
          hint="The private key is encrypted. Its passphrase is used once and not stored."
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

  /** Whether a new pair can be generated. A certificate needs the key that it was issued for. */
  readonly canGenerate = input(true);

  protected readonly hint = gettext(
    'Paste the key, drop a file or choose one, in OpenSSH, PEM or PuTTY format.',
  );
  protected readonly asksPassphrase = computed(
    () => this.draft.keys.encrypted() || this.draft.problem('passphrase') !== undefined,
  );

  protected change(): void {
    this.draft.changeSecret('privateKey');
    this.focus.on('#ra-privateKey');
  }
}
