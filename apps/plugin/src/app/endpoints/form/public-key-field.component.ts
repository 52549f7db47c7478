import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core';
import { C8yTranslatePipe, IconDirective } from '../../host/sdk';
import { CopyButtonComponent } from '../../ui/copy-button.component';
import { saveFile } from '../../ui/save-file';
import { KeyFactsComponent, KeyTextFieldComponent } from './key-text-field.component';
import { DraftForm } from './draft-form';

/** The public key to install on the server, and a description of the pair. */
@Component({
  selector: 'ra-public-key-field',
  imports: [
    C8yTranslatePipe,
    CopyButtonComponent,
    IconDirective,
    KeyFactsComponent,
    KeyTextFieldComponent,
  ],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <ra-key-text-field
      field="publicKey"
      label="Public key"
      accessibleName="Public key from a file"
      hint="Derived from the private key. Add it to the authorized keys on the server."
      [optional]="true"
      [rows]="3"
    >
      @if (line(); as line) {
        <ra-copy-button accessibleName="Copy public key" [text]="line"></ra-copy-button>
        <button
          type="button"
          class="btn btn-default btn-sm"
          [attr.aria-label]="'Download public key' | translate"
          (click)="download(line)"
        >
          <i c8yIcon="download" aria-hidden="true"></i>
          {{ 'Download' | translate }}
        </button>
      }
    </ra-key-text-field>
    @if (draft.keys.keyPair(); as pair) {
      <ra-key-facts [key]="pair"></ra-key-facts>
    }
  `,
})
export class PublicKeyFieldComponent {
  protected readonly draft = inject(DraftForm);

  /** The key as a line of authorized_keys, regardless of its format in the form. */
  protected readonly line = computed(() => {
    const { publicKey } = this.draft.value();
    if (this.draft.problem('publicKey') || !publicKey.trim()) return '';
    return this.draft.keys.normalPublicKey() ?? publicKey.trim();
  });

  protected download(line: string): void {
    const { algorithm } = this.draft.keys.keyPair() ?? { algorithm: 'key' };
    saveFile(new Blob([`${line}\n`], { type: 'text/plain' }), `id_${algorithm.toLowerCase()}.pub`);
  }
}
