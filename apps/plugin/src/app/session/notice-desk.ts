import { inject, Injectable, type OnDestroy } from '@angular/core';
import { Router } from '@angular/router';
import { currentDevice } from '../host/current-device';
import { type BsModalRef, BsModalService } from '../host/kit';
import { NoticeDialogComponent } from './notice-dialog.component';
import type { NoticeReader } from './session-door';

/** Shows the notice in a dialog of the page that provides this; who declines is led back. */
@Injectable()
export class NoticeDesk implements NoticeReader, OnDestroy {
  private readonly modals = inject(BsModalService);
  private readonly router = inject(Router);
  private readonly device = currentDevice();
  private dialog: BsModalRef<NoticeDialogComponent> | undefined;

  async accepts(notice: string): Promise<boolean> {
    const accepted = await this.show(notice);
    const left = this.dialog === undefined;
    this.dialog = undefined;
    // Once the page knows that no session is under way, so that nothing holds it back.
    if (!accepted && !left) setTimeout(() => this.goBack());
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
        // While a dialog fades in, it takes no Escape.
        animated: false,
      });
      // Every other way out, Escape too, is no acceptance; a promise that is kept stays kept.
      this.dialog.onHidden?.subscribe(() => resolve(false));
    });
  }

  private goBack(): void {
    void this.router.navigate(['/device', this.device().id, 'remote-access']);
  }
}
