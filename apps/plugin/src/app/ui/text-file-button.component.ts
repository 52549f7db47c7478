import { ChangeDetectionStrategy, Component, input, output } from '@angular/core';
import { C8yTranslatePipe, IconDirective } from '../host/sdk';

/** Reads a small text file of the user's into a field. It is read in the browser, not uploaded. */
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
    // The same file chosen again must count as a change.
    input.value = '';
    if (file) this.text.emit(await readTextFile(file));
  }
}

/** Twice what the longest field takes. */
const MAX_BYTES = 131_072;

/** The text of a small file. Longer ones are cut: the field then says that it is too long. */
export function readTextFile(file: File): Promise<string> {
  return file.slice(0, MAX_BYTES).text();
}
