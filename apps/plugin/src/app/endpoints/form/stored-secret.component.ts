import { ChangeDetectionStrategy, Component, input, output } from '@angular/core';
import { C8yTranslatePipe, IconDirective } from '../../host/kit';

/** In place of a control: a secret that is set and stays so. */
@Component({
  selector: 'ra-stored-secret',
  imports: [C8yTranslatePipe, IconDirective],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <div class="form-group" role="group" [attr.aria-label]="label() | translate">
      <span class="label-text" aria-hidden="true">{{ label() | translate }}</span>
      <div class="line">
        <span class="text-muted">
          <i c8yIcon="lock" class="m-r-4" aria-hidden="true"></i>{{ 'Set' | translate }}
          <span aria-hidden="true"> · ••••••••</span>
        </span>
        <button
          type="button"
          class="btn btn-default btn-sm"
          [attr.aria-label]="what() | translate"
          (click)="renew.emit()"
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
  /** Accessible name of the button, e.g. "Change the password". */
  readonly what = input.required<string>();
  readonly renew = output();
}
