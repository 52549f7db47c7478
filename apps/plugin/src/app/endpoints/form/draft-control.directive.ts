import { Directive, inject, input } from '@angular/core';
import { DraftForm } from './draft-form';
import type { DraftField } from './draft-value';

/** What every control of the form has in common: its name, its note, and whether it is wrong. */
@Directive({
  selector: '[raDraft]',
  host: {
    class: 'form-control',
    autocomplete: 'off',
    autocapitalize: 'none',
    spellcheck: 'false',
    '[id]': "'ra-' + field()",
    '[attr.aria-describedby]': "'ra-' + field() + '-note'",
    '[attr.aria-invalid]': "draft.problem(field()) ? 'true' : null",
  },
})
export class DraftControlDirective {
  protected readonly draft = inject(DraftForm);
  readonly field = input.required<DraftField>({ alias: 'raDraft' });
}
