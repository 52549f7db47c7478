import {
  ChangeDetectionStrategy,
  Component,
  input,
  output,
  computed,
  inject,
  signal,
} from '@angular/core';
import { ReactiveFormsModule } from '@angular/forms';
import type { KeyDescription } from '@remote-access/contracts';
import { C8yTranslatePipe, IconDirective } from '../../host/sdk';
import { FieldComponent } from '../../ui/field.component';
import { DraftControlDirective, DraftForm } from './draft-form';

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

/** A text area for a key, which also accepts files, chosen or dropped. */
@Component({
  selector: 'ra-key-text-field',
  imports: [DraftControlDirective, FieldComponent, TextFileButtonComponent, ReactiveFormsModule],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <ra-field
      [for]="'ra-' + field()"
      [label]="label()"
      [optional]="optional()"
      [hint]="hint()"
      [problem]="draft.problem(field())"
    >
      <textarea
        class="key"
        [class.dropping]="dropping()"
        [raDraft]="field()"
        [formControl]="control()"
        [rows]="rows()"
        [attr.aria-required]="optional() ? null : 'true'"
        (dragover)="dragged($event)"
        (dragleave)="dropping.set(false)"
        (drop)="dropped($event)"
      ></textarea>
      <div class="actions">
        <ra-text-file-button
          [accessibleName]="accessibleName()"
          (text)="control().setValue($event)"
        ></ra-text-file-button>
        <ng-content></ng-content>
      </div>
    </ra-field>
  `,
  styles: `
    .key {
      font-family: monospace;
      font-size: 12px;
      white-space: pre-wrap;
      word-break: break-all;
    }

    .dropping {
      outline: 2px dashed var(--c8y-brand-primary, currentcolor);
      outline-offset: 2px;
    }

    .actions {
      display: flex;
      flex-wrap: wrap;
      gap: 8px;
      margin: 8px 0 4px;
    }
  `,
})
export class KeyTextFieldComponent {
  protected readonly draft = inject(DraftForm);

  readonly field = input.required<'privateKey' | 'publicKey' | 'certificate' | 'hostKey'>();
  readonly label = input.required<string>();
  /** Accessible name of the button that chooses a file, e.g. "Private key from a file". */
  readonly accessibleName = input.required<string>();
  readonly hint = input('');
  readonly optional = input(false);
  readonly rows = input(3);

  protected readonly control = computed(() => this.draft.form.controls[this.field()]);
  protected readonly dropping = signal(false);

  protected dragged(event: DragEvent): void {
    // The browser itself handles dragged text.
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    this.dropping.set(true);
  }

  protected async dropped(event: DragEvent): Promise<void> {
    this.dropping.set(false);
    const file = event.dataTransfer?.files[0];
    if (!file) return;
    event.preventDefault();
    this.control().setValue(await readTextFile(file));
  }
}

/** Shows what identifies a key, so that people can compare it. */
@Component({
  selector: 'ra-key-facts',
  imports: [C8yTranslatePipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <dl>
      <dt>{{ 'Algorithm' | translate }}</dt>
      <dd>{{ key().algorithm }}, {{ '{{ bits }} bits' | translate: { bits: key().bits } }}</dd>
      <dt>{{ 'Fingerprint' | translate }}</dt>
      <dd class="fingerprint">{{ key().sha256 }}</dd>
      @if (key().comment; as comment) {
        <dt>{{ 'Comment' | translate }}</dt>
        <dd>{{ comment }}</dd>
      }
      <ng-content></ng-content>
    </dl>
  `,
  styles: `
    dl {
      display: grid;
      grid-template-columns: max-content minmax(0, 1fr);
      gap: 2px 12px;
      margin: 0 0 16px;
      font-size: 12px;
      overflow-wrap: anywhere;
    }

    dt {
      font-weight: 400;
      color: var(--c8y-text-muted, inherit);
    }

    dd {
      margin: 0;
    }

    .fingerprint {
      font-family: monospace;
    }
  `,
})
export class KeyFactsComponent {
  readonly key =
    input.required<Pick<KeyDescription, 'algorithm' | 'bits' | 'sha256' | 'comment'>>();
}
