import { ChangeDetectionStrategy, Component, computed, input, output, inject } from '@angular/core';
import { FormControl, FormRecord, ReactiveFormsModule } from '@angular/forms';
import { C8yTranslatePipe } from '../host/sdk';
import { FieldComponent } from '../ui/field.component';
import { gettext } from '../ui/message';
import type { CredentialKind, Credentials } from './novnc-screen';
import { DomIds } from '../ui/dom-ids';

const LABELS: Record<CredentialKind, string> = {
  username: gettext('User'),
  password: gettext('Password'),
  target: gettext('Machine or session'),
};

/** Asks for the credentials that the server requires and the endpoint does not store. */
@Component({
  selector: 'ra-desktop-sign-in',
  imports: [C8yTranslatePipe, FieldComponent, ReactiveFormsModule],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <form class="card m-0" [formGroup]="form()" (ngSubmit)="given.emit(form().getRawValue())">
      <div class="card-header">
        <h3 class="card-title text-break-word">
          {{ 'Sign in to {{ name }}' | translate: { name: name() } }}
        </h3>
      </div>
      <div class="card-block">
        @if (refused()) {
          <p class="alert alert-danger text-break-word" role="alert">{{ refused() }}</p>
        }
        @for (kind of kinds(); track kind) {
          <ra-field [for]="ids.of('desktop-' + kind)" [label]="labels[kind]">
            <input
              class="form-control"
              [id]="ids.of('desktop-' + kind)"
              [type]="kind === 'password' ? 'password' : 'text'"
              [formControlName]="kind"
              autocomplete="off"
            />
          </ra-field>
        }
      </div>
      <div class="card-footer">
        <button type="submit" class="btn btn-primary">
          {{ 'Sign in to the server' | translate }}
        </button>
      </div>
    </form>
  `,
  styles: `
    form {
      width: min(380px, calc(100vw - 48px));
    }
  `,
})
export class DesktopSignInComponent {
  protected readonly ids = inject(DomIds);
  readonly name = input.required<string>();
  readonly kinds = input.required<readonly CredentialKind[]>();
  readonly refused = input('');
  readonly given = output<Credentials>();

  protected readonly labels = LABELS;
  protected readonly form = computed(
    () =>
      new FormRecord(
        Object.fromEntries(
          this.kinds().map(kind => [kind, new FormControl('', { nonNullable: true })]),
        ),
      ),
  );
}
