import { ChangeDetectionStrategy, Component, inject, signal, type OnInit } from '@angular/core';
import type { Endpoint } from '@remote-access/contracts';
import { BsModalRef, C8yTranslatePipe, IconDirective, ModalComponent } from '../../host/sdk';
import type { Refusal } from '../../ui/refusal';
import { TranslateMessagePipe } from '../../ui/translate-message.pipe';
import type { EndpointClient } from '../endpoint-client';

const NOT_FOUND = 404;

/**
 * Asks before an endpoint is removed. The SDK's own confirmation renders markup in its text, and
 * names of endpoints are untrusted.
 */
@Component({
  selector: 'ra-remove-dialog',
  imports: [C8yTranslatePipe, IconDirective, ModalComponent, TranslateMessagePipe],
  providers: [C8yTranslatePipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  styleUrl: '../../ui/readable-buttons.css',
  template: `
    <c8y-modal
      [title]="'Remove endpoint' | translate"
      headerClasses="dialog-header"
      [customFooter]="true"
    >
      <ng-container c8y-modal-title>
        <span c8yIcon="trash" aria-hidden="true"></span>
      </ng-container>
      <div class="p-24 text-break-word">
        <p>
          {{
            'Remove "{{ name }}" from this gateway?'
              | translate: { name: endpoint.name || endpoint.id }
          }}
        </p>
        <p class="text-muted m-0">
          {{ 'Its credentials are removed too. This cannot be undone.' | translate }}
        </p>
        <div aria-live="polite">
          @if (users().length) {
            <p class="alert alert-warning m-t-16 m-b-0">
              {{
                'In use by {{ users }}. Removing the endpoint ends the session.'
                  | translate: { users: users().join(', ') }
              }}
            </p>
          }
        </div>
        <div role="alert">
          @if (refusal(); as refusal) {
            <p class="alert alert-danger m-t-16 m-b-0">{{ refusal.message | translateMessage }}</p>
          }
        </div>
      </div>
      <div c8y-modal-footer-custom class="modal-footer">
        <button type="button" class="btn btn-default" (click)="modal.hide()">
          {{ 'Cancel' | translate }}
        </button>
        <button
          type="button"
          class="btn btn-danger"
          [class.btn-pending]="busy()"
          [attr.aria-disabled]="busy()"
          (click)="remove()"
        >
          {{ 'Remove' | translate }}
        </button>
      </div>
    </c8y-modal>
  `,
})
export class RemoveDialogComponent implements OnInit {
  protected readonly modal = inject(BsModalRef);

  // Set through `initialState`.
  client!: EndpointClient;
  endpoint!: Endpoint;
  removed!: () => void;
  /** Another user has removed the endpoint. */
  notFound!: () => void;

  protected readonly busy = signal(false);
  protected readonly refusal = signal<Refusal | undefined>(undefined);

  /** Users with a session on the endpoint, as far as the service reveals them. */
  protected readonly users = signal<readonly string[]>([]);

  ngOnInit(): void {
    void this.client.usersOf(this.endpoint.id).then(users => this.users.set(users));
  }

  protected async remove(): Promise<void> {
    if (this.busy()) return;
    this.busy.set(true);
    const refusal = await this.client.remove(this.endpoint.id);
    this.busy.set(false);
    this.refusal.set(refusal);
    if (refusal?.status === NOT_FOUND) this.notFound();
    if (refusal) return;
    this.modal.hide();
    this.removed();
  }
}
