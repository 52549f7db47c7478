import {
  ChangeDetectionStrategy,
  Component,
  computed,
  inject,
  input,
  output,
  signal,
} from '@angular/core';
import { ReactiveFormsModule } from '@angular/forms';
import { C8yTranslatePipe, IconDirective } from '../../host/sdk';
import { FieldComponent } from '../../ui/field.component';
import { AfterRenderFocus } from '../../ui/after-render-focus';
import { DraftControlDirective, DraftForm } from './draft-form';

/** Replaces the control of a secret that is stored and kept. */
@Component({
  selector: 'ra-stored-secret',
  imports: [C8yTranslatePipe, IconDirective],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <div class="form-group" role="group" [attr.aria-label]="label() | translate">
      <span class="label-text" aria-hidden="true">{{ label() | translate }}</span>
      <div class="line">
        <span class="text-muted">
          <i c8yIcon="lock" class="m-r-4" aria-hidden="true"></i>{{ 'Stored' | translate }}
          <span aria-hidden="true"> · ••••••••</span>
        </span>
        <button
          type="button"
          class="btn btn-default btn-sm"
          [attr.aria-label]="accessibleName() | translate"
          (click)="replace.emit()"
        >
          {{ 'Change' | translate }}
        </button>
      </div>
    </div>
  `,
  styles: `
    .label-text {
      display: block;
      margin-bottom: 4px;
      font-size: 12px;
    }

    .line {
      display: flex;
      align-items: center;
      justify-content: space-between;
      gap: 16px;
      min-height: 32px;
    }
  `,
})
export class StoredSecretComponent {
  readonly label = input.required<string>();
  /** Accessible name of the button, e.g. "Change password". */
  readonly accessibleName = input.required<string>();
  readonly replace = output();
}

/** The password. A stored one is kept until the user changes it or the server it is for. */
@Component({
  selector: 'ra-password-field',
  imports: [
    C8yTranslatePipe,
    DraftControlDirective,
    FieldComponent,
    IconDirective,
    ReactiveFormsModule,
    StoredSecretComponent,
  ],
  providers: [AfterRenderFocus],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    @if (draft.keepsStored('password')) {
      <ra-stored-secret
        label="Password"
        accessibleName="Change password"
        (replace)="change()"
      ></ra-stored-secret>
    } @else {
      <ra-field for="ra-password" label="Password" [problem]="problem()">
        <div class="entry">
          <input
            raDraft="password"
            [formControl]="draft.form.controls.password"
            [type]="shown() ? 'text' : 'password'"
            autocomplete="new-password"
            aria-required="true"
          />
          <button
            type="button"
            class="btn btn-default btn-icon"
            [attr.aria-label]="'Show password' | translate"
            [attr.aria-pressed]="shown()"
            (click)="shown.set(!shown())"
          >
            <i [c8yIcon]="shown() ? 'eye-slash' : 'eye'" aria-hidden="true"></i>
          </button>
        </div>
      </ra-field>
      @if (draft.canKeepStored('password')) {
        <button
          type="button"
          class="btn btn-clean btn-sm m-b-16"
          (click)="draft.keepStored('password')"
        >
          {{ 'Keep stored password' | translate }}
        </button>
      }
    }
  `,
  styles: `
    .entry {
      display: flex;
      gap: 4px;
    }
  `,
})
export class PasswordFieldComponent {
  protected readonly draft = inject(DraftForm);
  private readonly focus = inject(AfterRenderFocus);

  protected readonly shown = signal(false);
  /** Says immediately, before the user tries to save, that the stored password cannot be kept. */
  protected readonly problem = computed(
    () =>
      this.draft.problem('password') ??
      (this.draft.value().password ? undefined : this.draft.reentryReason('password')),
  );

  protected change(): void {
    this.draft.changeSecret('password');
    this.focus.on('#ra-password');
  }
}
