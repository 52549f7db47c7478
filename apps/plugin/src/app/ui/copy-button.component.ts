import { ChangeDetectionStrategy, Component, effect, input, signal } from '@angular/core';
import { C8yTranslatePipe, IconDirective } from '../host/sdk';
import { gettext } from './message';

/** Copies a text to the clipboard and announces the result. */
@Component({
  selector: 'ra-copy-button',
  imports: [C8yTranslatePipe, IconDirective],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <button
      type="button"
      class="btn btn-default btn-sm"
      [attr.aria-label]="accessibleName() | translate"
      (click)="copy()"
      (blur)="status.set('')"
    >
      <i [c8yIcon]="status() === copied ? 'check' : 'copy'" aria-hidden="true"></i>
      {{ status() || label() | translate }}
    </button>
    <span class="sr-only" role="status">{{ status() | translate }}</span>
  `,
})
export class CopyButtonComponent {
  readonly text = input.required<string>();
  /** Accessible name, e.g. "Copy public key". */
  readonly accessibleName = input.required<string>();
  readonly label = input(gettext('Copy'));

  protected readonly copied = gettext('Copied');
  protected readonly status = signal('');

  constructor() {
    // "Copied" would be wrong for a new text.
    effect(() => {
      this.text();
      this.status.set('');
    });
  }

  protected async copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.text());
      this.status.set(this.copied);
    } catch {
      this.status.set(gettext('Copying failed'));
    }
  }
}
