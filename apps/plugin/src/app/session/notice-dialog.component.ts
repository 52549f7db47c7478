import { ChangeDetectionStrategy, Component, inject } from '@angular/core';
import { BsModalRef, C8yTranslatePipe, IconDirective, ModalComponent } from '../host/kit';

/** The notice of the tenant's administrator. It is somebody's text: never markup. */
@Component({
  selector: 'ra-notice-dialog',
  imports: [C8yTranslatePipe, IconDirective, ModalComponent],
  providers: [C8yTranslatePipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <c8y-modal
      [title]="'Before you connect' | translate"
      headerClasses="dialog-header"
      [customFooter]="true"
    >
      <ng-container c8y-modal-title>
        <span c8yIcon="info-circle" aria-hidden="true"></span>
      </ng-container>
      <div class="p-24">
        <p class="text-muted">{{ 'Your administrator asks you to accept this:' | translate }}</p>
        <p id="ra-notice" class="notice m-0" tabindex="0">{{ notice }}</p>
      </div>
      <div c8y-modal-footer-custom class="modal-footer">
        <button type="button" class="btn btn-default" (click)="modal.hide()">
          {{ 'Do not connect' | translate }}
        </button>
        <button type="button" class="btn btn-primary" (click)="accept()">
          {{ 'Accept and connect' | translate }}
        </button>
      </div>
    </c8y-modal>
  `,
  styleUrl: '../ui/readable-buttons.css',
  styles: `
    .notice {
      max-height: 50vh;
      overflow: auto;
      overflow-wrap: anywhere;
      white-space: pre-wrap;
    }
  `,
})
export class NoticeDialogComponent {
  protected readonly modal = inject(BsModalRef);

  // Set by who opens the dialog.
  notice!: string;
  accepted!: () => void;

  protected accept(): void {
    this.accepted();
    this.modal.hide();
  }
}
