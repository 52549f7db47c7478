import { ChangeDetectionStrategy, Component, computed, inject, input, signal } from '@angular/core';
import { ReactiveFormsModule } from '@angular/forms';
import { FieldComponent } from '../../ui/field.component';
import { readTextFile, TextFileButtonComponent } from '../../ui/text-file-button.component';
import { DraftControlDirective, DraftForm } from './draft-form';
import type { KeyDescription } from '@remote-access/contracts';
import { C8yTranslatePipe } from '../../host/sdk';

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
