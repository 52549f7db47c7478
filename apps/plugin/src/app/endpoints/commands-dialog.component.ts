import { ChangeDetectionStrategy, Component, inject } from '@angular/core';
import type { Endpoint } from '@remote-access/contracts';
import { BsModalRef, C8yTranslatePipe, IconDirective, ModalComponent } from '../host/kit';
import { ClientCommandsComponent } from './client-commands.component';

/** The ready-made lines for a passthrough endpoint. */
@Component({
  selector: 'ra-commands-dialog',
  imports: [C8yTranslatePipe, ClientCommandsComponent, IconDirective, ModalComponent],
  changeDetection: ChangeDetectionStrategy.OnPush,
  styleUrl: '../ui/readable-buttons.css',
  template: `
    <c8y-modal
      [title]="'Connect with a local client' | translate"
      headerClasses="dialog-header"
      [customFooter]="true"
    >
      <ng-container c8y-modal-title>
        <span c8yIcon="exchange" aria-hidden="true"></span>
      </ng-container>
      <div class="p-24">
        <p class="text-medium text-break-word">{{ endpoint.name }}</p>
        <ra-client-commands
          [deviceId]="deviceId"
          [endpointName]="endpoint.name"
        ></ra-client-commands>
      </div>
      <div c8y-modal-footer-custom class="modal-footer">
        <button type="button" class="btn btn-default" (click)="modal.hide()">
          {{ 'Close' | translate }}
        </button>
      </div>
    </c8y-modal>
  `,
})
export class CommandsDialogComponent {
  protected readonly modal = inject(BsModalRef);

  // Set by who opens the dialog.
  endpoint!: Endpoint;
  deviceId!: string;
}
