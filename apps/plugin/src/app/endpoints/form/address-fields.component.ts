import { ChangeDetectionStrategy, Component, effect, inject, input, signal } from '@angular/core';
import { ReactiveFormsModule } from '@angular/forms';
import { C8yTranslatePipe } from '../../host/sdk';
import { PlatformCalls } from '../../host/platform-calls';
import { FieldComponent } from '../../ui/field.component';
import { DraftControlDirective, DraftForm } from './draft-form';
import { childDeviceAddresses, LOCALHOST, type KnownAddress } from './known-addresses';

/** Host and port. Suggests the addresses of the gateway's child devices. */
@Component({
  selector: 'ra-address-fields',
  imports: [C8yTranslatePipe, DraftControlDirective, FieldComponent, ReactiveFormsModule],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <ra-field
      for="ra-hostname"
      label="Host"
      hint="Host name or IP address, as seen from the gateway"
      [problem]="draft.problem('hostname')"
    >
      <input
        raDraft="hostname"
        [formControl]="draft.form.controls.hostname"
        list="ra-known-hosts"
        aria-required="true"
      />
      <datalist id="ra-known-hosts">
        <option [value]="localhost">{{ 'This gateway' | translate }}</option>
        @for (known of known(); track known.address) {
          <option [value]="known.address">{{ known.name }}</option>
        }
      </datalist>
    </ra-field>
    <ra-field for="ra-port" label="Port" [problem]="draft.problem('port')">
      <input
        raDraft="port"
        [formControl]="draft.form.controls.port"
        inputmode="numeric"
        aria-required="true"
      />
    </ra-field>
  `,
  styles: `
    :host {
      display: grid;
      grid-template-columns: minmax(0, 1fr) 120px;
      gap: 0 16px;
    }
  `,
})
export class AddressFieldsComponent {
  private readonly platform = inject(PlatformCalls);
  protected readonly draft = inject(DraftForm);

  readonly deviceId = input.required<string>();

  protected readonly localhost = LOCALHOST;
  protected readonly known = signal<readonly KnownAddress[]>([]);

  constructor() {
    effect(() => {
      void childDeviceAddresses(this.platform, this.deviceId()).then(known =>
        this.known.set(known),
      );
    });
  }
}
