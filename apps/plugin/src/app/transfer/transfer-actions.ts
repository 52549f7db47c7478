import { inject, Injectable } from '@angular/core';
import { FileCalls } from '../host/platform-calls';
import { AlertService, BsModalService, C8yTranslatePipe } from '../host/sdk';
import { Refusal } from '../ui/refusal';
import { ImportDialogComponent } from './import-dialog.component';
import { saveFile } from '../ui/save-file';
import { TransferClient, type TransferFormat } from './transfer-client';

/** Export and import for menus and cards. Provided by the component that uses it. */
@Injectable()
export class TransferActions {
  private readonly files = inject(FileCalls);
  private readonly modals = inject(BsModalService);
  private readonly alerts = inject(AlertService);
  private readonly translate = inject(C8yTranslatePipe);

  /** @param deviceId the gateway; all gateways if omitted */
  async export(format: TransferFormat, deviceId?: string): Promise<void> {
    const file = await new TransferClient(this.files, deviceId).export(format);
    if (file instanceof Refusal) this.alerts.danger(this.textOf(file));
    else saveFile(file, `endpoints${deviceId === undefined ? '' : `-${deviceId}`}.${format}`);
  }

  /** @param imported called after an import that may have changed endpoints */
  import(imported: () => void, deviceId?: string): void {
    this.modals.show(ImportDialogComponent, {
      initialState: { client: new TransferClient(this.files, deviceId), imported },
      ariaLabelledBy: 'modal-title',
      class: 'modal-lg',
      ignoreBackdropClick: true,
    });
  }

  private textOf({ message, advice }: Refusal): string {
    return [message, ...(advice ? [advice] : [])]
      .map(({ text, values }) => this.translate.transform(text, values ?? {}) as string)
      .join(' ');
  }
}
