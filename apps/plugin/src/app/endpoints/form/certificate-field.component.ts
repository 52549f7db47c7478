import { DatePipe } from '@angular/common';
import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core';
import { C8yTranslatePipe } from '../../host/sdk';
import { KeyFactsComponent, KeyTextFieldComponent } from './key-text-field.component';
import { DraftForm } from './draft-form';

/** An OpenSSH certificate, with its principals and validity. */
@Component({
  selector: 'ra-certificate-field',
  imports: [C8yTranslatePipe, DatePipe, KeyFactsComponent, KeyTextFieldComponent],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <ra-key-text-field
      field="certificate"
      label="Certificate"
      accessibleName="Certificate from a file"
      hint="The OpenSSH certificate for the private key, usually a file whose name ends in -cert.pub."
      [rows]="3"
    ></ra-key-text-field>
    @if (certificate(); as certificate) {
      <ra-key-facts [key]="certificate">
        <dt>{{ 'Key ID' | translate }}</dt>
        <dd>{{ certificate.keyId || '–' }}</dd>
        <dt>{{ 'Principals' | translate }}</dt>
        <dd>{{ certificate.principals.join(', ') || ('any' | translate) }}</dd>
        <dt>{{ 'Valid' | translate }}</dt>
        <dd>
          {{ certificate.validAfter ? (certificate.validAfter | date: 'medium') : '' }} –
          {{ certificate.validBefore ? (certificate.validBefore | date: 'medium') : '' }}
        </dd>
        <dt>{{ 'Signed by' | translate }}</dt>
        <dd>{{ certificate.authority.algorithm }} {{ certificate.authority.sha256 }}</dd>
      </ra-key-facts>
      @if (expired()) {
        <p class="alert alert-warning" role="status">
          {{ 'This certificate has expired. The server will reject it.' | translate }}
        </p>
      }
    }
  `,
  styles: `
    dt {
      font-weight: 400;
    }

    dd {
      margin: 0;
    }
  `,
})
export class CertificateFieldComponent {
  private readonly draft = inject(DraftForm);

  protected readonly certificate = this.draft.keys.certificateFacts;
  protected readonly expired = computed(() => {
    const end = this.certificate()?.validBefore;
    return typeof end === 'string' && Date.parse(end) < Date.now();
  });
}
