import { inject, Injectable } from '@angular/core';
import { FileCalls } from '../host/platform-calls';
import { AlertService, BsModalService, C8yTranslatePipe } from '../host/kit';
import { Refusal } from '../ui/refusal';
import { ImportDialogComponent } from './import-dialog.component';
import { saveFile } from '../ui/save-file';
import { TransferDesk, type TransferFormat } from './endpoint-transfer';

/** What menus and cards do with endpoints as files. Their component provides it. */
@Injectable()
export class TransferTools {
  private readonly files = inject(FileCalls);
  private readonly modals = inject(BsModalService);
  private readonly alerts = inject(AlertService);
  private readonly translate = inject(C8yTranslatePipe);

  /** @param deviceId of all gateways without */
  async export(format: TransferFormat, deviceId?: string): Promise<void> {
    const file = await new TransferDesk(this.files, deviceId).export(format);
    if (file instanceof Refusal) this.alerts.danger(this.said(file));
    else saveFile(file, `endpoints${deviceId === undefined ? '' : `-${deviceId}`}.${format}`);
  }

  /** @param imported once lines were brought in */
  import(imported: () => void, deviceId?: string): void {
    this.modals.show(ImportDialogComponent, {
      initialState: { desk: new TransferDesk(this.files, deviceId), imported },
      ariaLabelledBy: 'modal-title',
      class: 'modal-lg',
      ignoreBackdropClick: true,
    });
  }

  private said({ words, advice }: Refusal): string {
    return [words, ...(advice ? [advice] : [])]
      .map(({ text, values }) => this.translate.transform(text, values ?? {}) as string)
      .join(' ');
  }
}
