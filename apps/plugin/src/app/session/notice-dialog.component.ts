import {
  ChangeDetectionStrategy,
  Component,
  inject,
  Injectable,
  NgZone,
  type OnDestroy,
} from '@angular/core';
import {
  BsModalRef,
  BsModalService,
  C8yTranslatePipe,
  IconDirective,
  ModalComponent,
} from '../host/sdk';

/** Shows the notice in a modal dialog. */
@Injectable()
export class NoticeDialog implements OnDestroy {
  private readonly modals = inject(BsModalService);
  private readonly zone = inject(NgZone);
  private dialog: BsModalRef<NoticeDialogComponent> | undefined;

  /** @param declined called after the user has declined and the promise has resolved */
  async accepts(notice: string, declined: () => void): Promise<boolean> {
    // A session connects outside the zone, and the product's dialogs rely on it.
    const accepted = await this.zone.run(() => this.show(notice));
    const destroyed = this.dialog === undefined;
    this.dialog = undefined;
    if (!accepted && !destroyed) setTimeout(() => this.zone.run(declined));
    return accepted;
  }

  ngOnDestroy(): void {
    const { dialog } = this;
    this.dialog = undefined;
    dialog?.hide();
  }

  private show(notice: string): Promise<boolean> {
    return new Promise(resolve => {
      this.dialog = this.modals.show(NoticeDialogComponent, {
        initialState: { notice, accepted: () => resolve(true) },
        ariaLabelledBy: 'modal-title',
        ariaDescribedby: 'ra-notice',
        ignoreBackdropClick: true,
        // A dialog ignores Escape while it fades in.
        animated: false,
      });
      // Dismissing the dialog, for example with Escape, declines. After Accept the promise is
      // already settled, and this call has no effect.
      this.dialog.onHidden?.subscribe(() => resolve(false));
    });
  }
}

/** The notice that the tenant's administrator wrote. It is plain text, never markup. */
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

  // Set through `initialState`.
  notice!: string;
  accepted!: () => void;

  protected accept(): void {
    this.accepted();
    this.modal.hide();
  }
}
