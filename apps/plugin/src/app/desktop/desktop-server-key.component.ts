import { ChangeDetectionStrategy, Component, effect, input, output, signal } from '@angular/core';
import { C8yTranslatePipe } from '../host/sdk';

/** Asks the user to verify the server's public key before a password is sent to it. */
@Component({
  selector: 'ra-desktop-server-key',
  imports: [C8yTranslatePipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <div class="card m-0" role="group" [attr.aria-label]="'Server key' | translate">
      <div class="card-block">
        <p>
          {{
            'The server presented this key. Before you sign in, compare it with the key shown on the machine itself.'
              | translate
          }}
        </p>
        <p class="text-break-word">
          <span class="text-muted">SHA256</span> <code>{{ fingerprint() }}</code>
        </p>
        <div class="d-flex gap-8">
          <button type="button" class="btn btn-default" (click)="declined.emit()">
            {{ 'Cancel' | translate }}
          </button>
          <button type="button" class="btn btn-primary" (click)="approved.emit()">
            {{ 'The key matches' | translate }}
          </button>
        </div>
      </div>
    </div>
  `,
  styles: `
    .card {
      width: min(460px, calc(100vw - 48px));
    }
  `,
})
export class DesktopServerKeyComponent {
  readonly publicKey = input.required<Uint8Array<ArrayBuffer>>();
  readonly approved = output();
  readonly declined = output();

  protected readonly fingerprint = signal('');

  constructor() {
    effect(() => void this.fingerprintOf(this.publicKey()));
  }

  private async fingerprintOf(key: Uint8Array<ArrayBuffer>): Promise<void> {
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', key));
    this.fingerprint.set([...digest].map(byte => byte.toString(16).padStart(2, '0')).join(':'));
  }
}
