import {
  ChangeDetectionStrategy,
  Component,
  computed,
  inject,
  output,
  signal,
} from '@angular/core';
import type { ImportReport } from '@remote-access/contracts';
import { BsModalRef, C8yTranslatePipe, IconDirective, ModalComponent } from '../host/sdk';
import { sentenceMessage } from '../endpoints/form/endpoint-sentences';
import { Refusal } from '../ui/refusal';
import { TranslateMessagePipe } from '../ui/translate-message.pipe';
import { gettext, type Message } from '../ui/message';
import {
  type ImportFile,
  isImportFile,
  readImportFile,
  type TransferClient,
} from './transfer-client';
import { changesAnything, ImportReportComponent } from './import-report.component';

/** Lets the user choose a file with a button or drop one. */
@Component({
  selector: 'ra-file-chooser',
  imports: [C8yTranslatePipe, IconDirective],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <div
      class="zone"
      [class.zone--over]="over()"
      (dragover)="hover($event)"
      (dragleave)="over.set(false)"
      (drop)="take($event)"
    >
      <input
        #file
        type="file"
        class="hidden"
        accept=".csv,.json,text/csv,application/json"
        tabindex="-1"
        aria-hidden="true"
        (change)="read(file)"
      />
      <button type="button" class="btn btn-default" (click)="file.click()">
        <i c8yIcon="upload" aria-hidden="true"></i>
        {{ 'Choose a file…' | translate }}
      </button>
      <p class="text-muted m-0">{{ 'or drop a CSV or JSON file here' | translate }}</p>
    </div>
  `,
  styles: `
    .zone {
      align-items: center;
      border: 1px dashed var(--c8y-palette-gray-40, currentColor);
      border-radius: 4px;
      display: flex;
      flex-direction: column;
      gap: 8px;
      padding: 24px 16px;
    }
    .zone--over {
      border-style: solid;
      outline: 1px solid currentColor;
    }
  `,
})
export class FileChooserComponent {
  readonly chosen = output<File>();
  protected readonly over = signal(false);

  protected hover(event: DragEvent): void {
    // Otherwise the browser would open the dropped file instead of passing it to the page.
    event.preventDefault();
    this.over.set(true);
  }

  protected take(event: DragEvent): void {
    event.preventDefault();
    this.over.set(false);
    const file = event.dataTransfer?.files[0];
    if (file) this.chosen.emit(file);
  }

  protected read(input: HTMLInputElement): void {
    const file = input.files?.[0];
    if (file) this.chosen.emit(file);
    // Without this, choosing the same file again would not fire `change`.
    input.value = '';
  }
}

/** Added if an import failed: some lines may already have been written. */
const PARTIAL_IMPORT: Message = {
  text: gettext(
    'Some lines may have been imported already. Choose the file again to see what is left.',
  ),
};

/** Shows what importing a file would change, and imports it when the user confirms. */
@Component({
  selector: 'ra-import-dialog',
  imports: [
    C8yTranslatePipe,
    FileChooserComponent,
    IconDirective,
    ImportReportComponent,
    ModalComponent,
    TranslateMessagePipe,
  ],
  providers: [C8yTranslatePipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './import-dialog.component.html',
  styleUrl: '../ui/readable-buttons.css',
})
export class ImportDialogComponent {
  protected readonly modal = inject(BsModalRef);

  // Set through `initialState`.
  client!: TransferClient;
  imported!: () => void;

  protected readonly file = signal<ImportFile | undefined>(undefined);
  protected readonly report = signal<ImportReport | undefined>(undefined);
  protected readonly errors = signal<readonly Message[]>([]);
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
    this.errors.set(isImportFile(read) ? [] : [read]);
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
    const report = await this.client.import(file, dryRun);
    this.busy.set(false);
    // The user has chosen another file in the meantime.
    if (file !== this.file()) return;
    if (report instanceof Refusal) {
      const { code, advice } = report;
      const message = code === undefined ? report.message : sentenceMessage(report.message.text);
      this.errors.set([message, ...(advice ? [advice] : []), ...(dryRun ? [] : [PARTIAL_IMPORT])]);
      this.report.set(undefined);
      return;
    }
    this.errors.set([]);
    this.report.set(report);
  }
}
