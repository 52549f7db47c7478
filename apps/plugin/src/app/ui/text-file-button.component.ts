import { ChangeDetectionStrategy, Component, input, output } from '@angular/core';
import { C8yTranslatePipe, IconDirective } from '../host/sdk';

/** Lets the user choose a small text file. It is read in the browser and not uploaded. */
@Component({
  selector: 'ra-text-file-button',
  imports: [C8yTranslatePipe, IconDirective],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <input
      #file
      type="file"
      class="hidden"
      (change)="read(file)"
      aria-hidden="true"
      tabindex="-1"
    />
    <button
      type="button"
      class="btn btn-default btn-sm"
      [attr.aria-label]="accessibleName() | translate"
      (click)="file.click()"
    >
      <i c8yIcon="upload" aria-hidden="true"></i>
      {{ 'From a file…' | translate }}
    </button>
  `,
})
export class TextFileButtonComponent {
  /** Accessible name of the button, e.g. "Private key from a file". */
  readonly accessibleName = input.required<string>();
  readonly text = output<string>();

  protected async read(input: HTMLInputElement): Promise<void> {
    const file = input.files?.[0];
    // Without this, choosing the same file again would not fire `change`.
    input.value = '';
    if (file) this.text.emit(await readTextFile(file));
  }
}

/** Twice the length of the longest field. */
const MAX_BYTES = 131_072;

/** Reads a text file. A longer file is truncated; the field then reports that it is too long. */
export function readTextFile(file: File): Promise<string> {
  return file.slice(0, MAX_BYTES).text();
}
