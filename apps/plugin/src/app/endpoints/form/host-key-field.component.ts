import { ChangeDetectionStrategy, Component, computed, inject, input, signal } from '@angular/core';
import { C8yTranslatePipe, IconDirective } from '../../host/sdk';
import { Refusal } from '../../ui/refusal';
import { serviceMessage } from '../../ui/service-sentences';
import { sentenceMessage } from './endpoint-sentences';
import { TranslateMessagePipe } from '../../ui/translate-message.pipe';
import { KeyFactsComponent, KeyTextFieldComponent } from './key-text-field.component';
import { gettext } from '../../ui/message';
import { DraftForm } from './draft-form';

const SSH_HINT = gettext(
  'The public key of the SSH server, or its lines from known_hosts. Credentials are then sent to this server only.',
);
const VNC_HINT = gettext(
  "The public key of the server's certificate or its RSA key, in OpenSSH format. The server is then accepted only if it proves that it holds this key.",
);

/**
 * The pinned key of the server: pasted, read from a file, or, with SSH, fetched from the server.
 */
@Component({
  selector: 'ra-host-key-field',
  imports: [
    C8yTranslatePipe,
    IconDirective,
    KeyFactsComponent,
    KeyTextFieldComponent,
    TranslateMessagePipe,
  ],
  providers: [C8yTranslatePipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <ra-key-text-field
      field="hostKey"
      label="Host key"
      accessibleName="Host key from a file"
      [hint]="hint()"
      [optional]="true"
      [rows]="3"
    >
      @if (isSsh()) {
        <button
          type="button"
          class="btn btn-default btn-sm"
          [class.btn-pending]="busy()"
          [attr.aria-disabled]="busy() || !server()"
          [attr.aria-describedby]="server() ? null : 'ra-fetch-note'"
          (click)="fetch()"
        >
          <i c8yIcon="download" aria-hidden="true"></i>
          {{ 'Fetch from server' | translate }}
        </button>
      }
    </ra-key-text-field>
    <div aria-live="polite">
      @if (wanted() && !server()) {
        <small id="ra-fetch-note" class="text-danger d-block m-b-8">
          {{ 'Enter host and port first.' | translate }}
        </small>
      }
      @if (refusal(); as refusal) {
        <p class="alert alert-danger text-break-word">
          {{ serviceMessage(refusal.message.text) | translateMessage }}
        </p>
      }
      @if (fetched()) {
        <p class="alert alert-warning">
          {{
            'These keys were fetched from the server and are not verified. Compare their fingerprints with those from the server’s administrator.'
              | translate
          }}
        </p>
      }
    </div>
    @for (key of hostKeys(); track key.sha256) {
      @if (key.revoked) {
        <p class="text-danger small m-b-4">
          {{ 'Revoked: a server that presents this key is refused.' | translate }}
        </p>
      }
      <ra-key-facts [key]="key"></ra-key-facts>
    }
    @if (skipped().length) {
      <div class="alert alert-warning text-break-word">
        {{ 'These lines are not used:' | translate }}
        <ul class="m-b-0">
          @for (reason of skipped(); track reason) {
            <li>{{ sentenceMessage(reason) | translateMessage }}</li>
          }
        </ul>
      </div>
    }
  `,
})
export class HostKeyFieldComponent {
  private readonly draft = inject(DraftForm);

  readonly deviceId = input.required<string>();

  /** Keys of VNC servers are saved when a user accepts them on the first connection. */
  protected readonly isSsh = computed(() => this.draft.value().protocol === 'SSH');
  protected readonly hint = computed(() => (this.isSsh() ? SSH_HINT : VNC_HINT));
  protected readonly serviceMessage = serviceMessage;
  protected readonly sentenceMessage = sentenceMessage;
  protected readonly busy = signal(false);
  protected readonly wanted = signal(false);
  protected readonly refusal = signal<Refusal | undefined>(undefined);
  private readonly fetchedText = signal('');
  protected readonly fetched = computed(
    () => this.fetchedText() !== '' && this.draft.value().hostKey === this.fetchedText(),
  );
  protected readonly hostKeys = this.draft.keys.hostKeys;
  protected readonly skipped = this.draft.keys.skippedHostKeys;

  /** The server to fetch from, once host and port are valid. */
  protected readonly server = computed(() => {
    const { hostname, port, legacyAlgorithms } = this.draft.value();
    const { hostname: badHost, port: badPort } = this.draft.problems();
    return badHost || badPort
      ? undefined
      : { hostname: hostname.trim(), port: Number(port), legacyAlgorithms };
  });

  protected async fetch(): Promise<void> {
    const server = this.server();
    this.wanted.set(true);
    if (this.busy() || !server) return;
    this.busy.set(true);
    const { client } = this.draft.keys;
    const answer = await client.fetchHostKeys(this.deviceId(), server);
    this.busy.set(false);
    this.refusal.set(answer instanceof Refusal ? answer : undefined);
    if (answer instanceof Refusal) return;
    const { hostKey } = this.draft.form.controls;
    const text = [...answer.map(({ line }) => line), ...revokedLines(hostKey.value)].join('\n');
    this.fetchedText.set(text);
    hostKey.setValue(text);
  }
}

/** The lines of keys that must not be trusted, which no server can replace. */
function revokedLines(hostKeys: string): string[] {
  return hostKeys.split('\n').filter(line => /^\s*@revoked\s/.test(line));
}
