import {
  ChangeDetectionStrategy,
  Component,
  computed,
  inject,
  signal,
  type OnInit,
} from '@angular/core';
import { addressText } from '@remote-access/contracts';
import { BsModalRef, C8yTranslatePipe, IconDirective, ModalComponent } from '../../host/sdk';
import { PlatformCalls } from '../../host/platform-calls';
import { Refusal } from '../../ui/refusal';
import { gettext, type Message } from '../../ui/message';
import { TranslateMessagePipe } from '../../ui/translate-message.pipe';
import {
  type ChangedEntry,
  needsPassword,
  terminalOptionsOf,
  weakOptionsOf,
} from '../changed-entry';
import type { EndpointClient } from '../endpoint-client';
import { CREDENTIALS_LABELS, PROTOCOL_LABELS } from '../endpoint-labels';
import { KeyClient } from '../form/key-client';

const CONFLICT = 409;
const NOT_FOUND = 404;

/**
 * Shows endpoints that another program changed, and confirms exactly what is shown: the request
 * identifies the state of each entry.
 */
@Component({
  selector: 'ra-confirm-dialog',
  imports: [C8yTranslatePipe, IconDirective, ModalComponent, TranslateMessagePipe],
  providers: [C8yTranslatePipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  styleUrl: '../../ui/readable-buttons.css',
  styles: `
    .facts {
      display: grid;
      grid-template-columns: max-content minmax(0, 1fr);
      gap: 4px 16px;
      margin: 8px 0 16px;
    }

    .facts dt,
    .facts dd {
      margin: 0;
    }
  `,
  template: `
    <c8y-modal
      [title]="(isMany ? 'Confirm changed endpoints' : 'Confirm changed endpoint') | translate"
      headerClasses="dialog-header"
      [customFooter]="true"
    >
      <ng-container c8y-modal-title>
        <span c8yIcon="warning" aria-hidden="true"></span>
      </ng-container>
      <div class="p-24 text-break-word">
        <p>
          {{
            'Another program, or the gateway itself, made these changes. Confirm them only if you know that they are correct: users will then connect exactly as shown here.'
              | translate
          }}
        </p>
        @for (endpoint of endpoints; track endpoint.id) {
          <h3 class="h4 m-t-16 m-b-0">{{ endpoint.name || endpoint.id }}</h3>
          <dl class="facts">
            <dt>{{ 'Protocol' | translate }}</dt>
            <dd>{{ protocolLabels[endpoint.protocol] | translate }}</dd>
            <dt>{{ 'Host' | translate }}</dt>
            <dd>{{ address(endpoint) }}</dd>
            <dt>{{ 'Sign-in method' | translate }}</dt>
            <dd>{{ credentialsLabels[endpoint.credentials.type] | translate }}</dd>
            @if (endpoint.credentials.username; as username) {
              <dt>{{ 'Username' | translate }}</dt>
              <dd>{{ username }}</dd>
            }
            @if (endpoint.credentials.certificate; as certificate) {
              <dt>{{ 'Certificate' | translate }}</dt>
              <dd class="small">{{ certificate }}</dd>
            }
            @if (endpoint.credentials.hostKey; as hostKey) {
              <dt>{{ 'Host key' | translate }}</dt>
              <dd>
                @for (line of fingerprints().get(endpoint.id) ?? [hostKey]; track line) {
                  <div class="text-monospace small">{{ line }}</div>
                }
              </dd>
            }
            @for (option of terminalOptions(endpoint); track option.label) {
              <dt>{{ option.label | translate }}</dt>
              <dd class="text-monospace">{{ option.value }}</dd>
            }
            @for (text of weakOptions(endpoint); track text) {
              <dt>{{ 'Note' | translate }}</dt>
              <dd class="text-danger">{{ text | translate }}</dd>
            }
            @if (endpoint.changed.otherFields?.join(', '); as fields) {
              <dt>{{ 'Other fields' | translate }}</dt>
              <dd>{{ fields }}</dd>
            }
          </dl>
          @if (endpoint.unreadable?.includes('privateKey')) {
            <p class="alert alert-warning">
              {{
                'The stored private key does not belong to this endpoint. Edit the endpoint and enter it again.'
                  | translate
              }}
            </p>
          }
          @if (isMany && asksForPassword(endpoint)) {
            <p class="text-muted">
              {{
                'Skipped here because its password is needed. Confirm it separately.' | translate
              }}
            </p>
          }
        }
        @if (!isMany && asksForPassword(endpoints[0]!)) {
          <div class="form-group">
            <label for="ra-confirm-password">{{ 'Password' | translate }}</label>
            <input
              #entered
              id="ra-confirm-password"
              class="form-control"
              type="password"
              autocomplete="new-password"
              aria-required="true"
              aria-describedby="ra-confirm-password-note"
              [value]="password()"
              (input)="password.set(entered.value)"
            />
            <small id="ra-confirm-password-note" class="text-muted">
              {{ 'The stored password was entered before the endpoint was changed.' | translate }}
            </small>
          </div>
        }
        <div aria-live="polite">
          @if (problem(); as problem) {
            <p class="alert alert-danger">{{ problem | translateMessage }}</p>
          }
        </div>
      </div>
      <div c8y-modal-footer-custom class="modal-footer">
        <button type="button" class="btn btn-default" (click)="modal.hide()">
          {{ 'Cancel' | translate }}
        </button>
        <button
          type="button"
          class="btn btn-primary"
          [class.btn-pending]="busy()"
          [attr.aria-disabled]="busy() || !ready()"
          (click)="confirm()"
        >
          {{ (isMany ? 'Confirm all' : 'Confirm') | translate }}
        </button>
      </div>
    </c8y-modal>
  `,
})
export class ConfirmDialogComponent implements OnInit {
  protected readonly modal = inject(BsModalRef);
  private readonly keys = new KeyClient(inject(PlatformCalls));

  // Set through `initialState`.
  client!: EndpointClient;
  endpoints!: readonly ChangedEntry[];
  confirmed!: () => void;
  /** An endpoint no longer matches what is shown here. */
  outdated!: () => void;

  protected readonly protocolLabels = PROTOCOL_LABELS;
  protected readonly credentialsLabels = CREDENTIALS_LABELS;
  protected readonly address = addressText;
  protected readonly asksForPassword = needsPassword;
  protected readonly weakOptions = weakOptionsOf;
  protected readonly terminalOptions = terminalOptionsOf;

  protected readonly busy = signal(false);
  protected readonly problem = signal<Message | undefined>(undefined);
  protected readonly password = signal('');
  /** Fingerprints of the pinned host keys, by endpoint. */
  protected readonly fingerprints = signal<ReadonlyMap<string, readonly string[]>>(new Map());
  protected readonly ready = computed(
    () =>
      this.endpoints.some(endpoint => !needsPassword(endpoint)) ||
      (!this.isMany && this.password() !== ''),
  );

  ngOnInit(): void {
    for (const endpoint of this.endpoints) void this.readHostKey(endpoint);
  }

  protected get isMany(): boolean {
    return this.endpoints.length > 1;
  }

  protected async confirm(): Promise<void> {
    if (this.busy() || !this.ready()) return;
    this.busy.set(true);
    const problem = this.isMany ? await this.confirmAll() : await this.confirmOne();
    this.busy.set(false);
    this.problem.set(problem);
    if (problem) return;
    this.modal.hide();
    this.confirmed();
  }

  private async confirmOne(): Promise<Message | undefined> {
    const [endpoint] = this.endpoints;
    const password = needsPassword(endpoint!) ? this.password() : undefined;
    const refusal = await this.client.confirm(endpoint!, password);
    if (refusal?.status === CONFLICT || refusal?.status === NOT_FOUND) this.outdated();
    return refusal?.message;
  }

  private async confirmAll(): Promise<Message | undefined> {
    const wanted = this.endpoints.filter(endpoint => !needsPassword(endpoint));
    const report = await this.client.confirmAll(wanted);
    if (report instanceof Refusal) return report.message;
    const refused = report.lines.filter(({ outcome }) => outcome === 'refused');
    if (refused.length === 0) return undefined;
    this.outdated();
    const texts = refused.map(({ id, message }) => {
      const name = this.endpoints.find(endpoint => endpoint.id === id)?.name ?? id;
      return `${name}: ${message ?? ''}`;
    });
    return {
      text: gettext('Not confirmed: {{ reasons }}'),
      values: { reasons: texts.join(' ') },
    };
  }

  private async readHostKey({ id, credentials }: ChangedEntry): Promise<void> {
    if (credentials.hostKey === null) return;
    const inspection = await this.keys.inspect({ hostKey: credentials.hostKey });
    if (inspection instanceof Refusal) return;
    const lines = inspection.hostKeys.map(
      ({ algorithm, sha256, revoked }) => `${revoked ? '@revoked ' : ''}${algorithm} ${sha256}`,
    );
    this.fingerprints.update(known => new Map([...known, [id, lines]]));
  }
}
