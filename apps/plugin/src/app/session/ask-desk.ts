import { inject, Injectable, type OnDestroy } from '@angular/core';
import { type BsModalRef, BsModalService } from '../host/kit';
import type { Words } from '../ui/words';
import { AskDialogComponent } from './ask-dialog.component';

/** A question to the person at the page. */
export interface Ask {
  title: string;
  icon: string;
  sentences: readonly Words[];
  /** What it is about, shown as it is. */
  quoted?: string;
  /** The harmless one first: it has the keyboard. */
  choices: readonly { value: string; label: string; look: 'primary' | 'danger' | 'default' }[];
}

/** Asks in a dialog of the page that provides this, one question at a time. */
@Injectable()
export class AskDesk implements OnDestroy {
  private readonly modals = inject(BsModalService);
  private dialog: BsModalRef<AskDialogComponent> | undefined;

  /** @returns the choice; `undefined` when there was none, or another question is open. */
  async ask(ask: Ask): Promise<string | undefined> {
    if (this.dialog) return undefined;
    const focused = document.activeElement;
    const answer = await this.show(ask);
    this.dialog = undefined;
    if (focused instanceof HTMLElement) focused.focus();
    return answer;
  }

  ngOnDestroy(): void {
    this.dialog?.hide();
  }

  private show(ask: Ask): Promise<string | undefined> {
    return new Promise(resolve => {
      this.dialog = this.modals.show(AskDialogComponent, {
        initialState: { ask, chosen: resolve },
        ariaLabelledBy: 'modal-title',
        ariaDescribedby: 'ra-ask',
        ignoreBackdropClick: true,
        // While a dialog fades in, it takes no Escape.
        animated: false,
      });
      // Every other way out, Escape too, is no choice; a promise that is kept stays kept.
      this.dialog.onHidden?.subscribe(() => resolve(undefined));
    });
  }
}
