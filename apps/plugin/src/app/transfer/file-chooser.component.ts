import { ChangeDetectionStrategy, Component, output, signal } from '@angular/core';
import { C8yTranslatePipe, IconDirective } from '../host/kit';

/** Takes a file by choosing or by dropping it; the choice is a button, so that a keyboard does. */
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
    // Only then a drop is given to the page; else the browser opens the file in its place.
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
    // The same file chosen again must count as a change.
    input.value = '';
  }
}
