import { ChangeDetectionStrategy, Component, computed, inject, signal } from '@angular/core';
import type { ImportReport } from '@remote-access/contracts';
import { BsModalRef, C8yTranslatePipe, IconDirective, ModalComponent } from '../host/kit';
import { Refusal } from '../ui/refusal';
import { SayPipe } from '../ui/say.pipe';
import { gettext, type Words } from '../ui/words';
import { FileChooserComponent } from './file-chooser.component';
import { isImportFile, readImportFile, type ImportFile } from './import-file';
import { ImportReportComponent } from './import-report.component';
import { changesAnything } from './report-words';
import type { TransferDesk } from './transfer-desk';

/** When the answer to an import did not come. */
const PERHAPS: Words = {
  text: gettext('Lines may have been imported already. Choose the file again to see what is left.'),
};

/** A file, what it would do, and then what it did. Nothing is changed before the second click. */
@Component({
  selector: 'ra-import-dialog',
  imports: [
    C8yTranslatePipe,
    FileChooserComponent,
    IconDirective,
    ImportReportComponent,
    ModalComponent,
    SayPipe,
  ],
  providers: [C8yTranslatePipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './import-dialog.component.html',
  styleUrl: '../ui/readable-buttons.css',
})
export class ImportDialogComponent {
  protected readonly modal = inject(BsModalRef);

  // Set by who opens the dialog.
  desk!: TransferDesk;
  imported!: () => void;

  protected readonly file = signal<ImportFile | undefined>(undefined);
  protected readonly report = signal<ImportReport | undefined>(undefined);
  protected readonly trouble = signal<readonly Words[]>([]);
  protected readonly busy = signal(false);
  protected readonly done = computed(() => this.report()?.dryRun === false);
  protected readonly importable = computed(() => {
    const report = this.report();
    return report !== undefined && report.dryRun && changesAnything(report);
  });

  protected async choose(chosen: File): Promise<void> {
    const read = await readImportFile(chosen);
    this.report.set(undefined);
    this.file.set(isImportFile(read) ? read : undefined);
    this.trouble.set(isImportFile(read) ? [] : [read]);
    if (isImportFile(read)) await this.run(read, true);
  }

  protected async import(): Promise<void> {
    const file = this.file();
    if (!file || !this.importable()) return;
    await this.run(file, false);
    this.imported();
  }

  private async run(file: ImportFile, dryRun: boolean): Promise<void> {
    this.busy.set(true);
    const report = await this.desk.import(file, dryRun);
    this.busy.set(false);
    // Another file was chosen meanwhile.
    if (file !== this.file()) return;
    if (report instanceof Refusal) {
      const { words, advice } = report;
      this.trouble.set([words, ...(advice ? [advice] : []), ...(dryRun ? [] : [PERHAPS])]);
      this.report.set(undefined);
      return;
    }
    this.trouble.set([]);
    this.report.set(report);
  }
}
