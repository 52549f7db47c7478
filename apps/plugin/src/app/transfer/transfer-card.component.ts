import { ChangeDetectionStrategy, Component, inject, input } from '@angular/core';
import { C8yTranslatePipe, IconDirective } from '../host/sdk';
import { TransferActions } from './transfer-actions';

/** Exports and imports the endpoints of all gateways. */
@Component({
  selector: 'ra-transfer-card',
  imports: [C8yTranslatePipe, IconDirective],
  providers: [C8yTranslatePipe, TransferActions],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <section class="card" [attr.aria-label]="'Endpoints of all gateways' | translate">
      <div class="card-header separator">
        <h2 class="card-title">{{ 'Endpoints of all gateways' | translate }}</h2>
      </div>
      <div class="card-block">
        <p class="m-b-16">
          {{
            'All endpoints that you can see, as a file: to review in a spreadsheet, to keep as a backup, or to change and import again. The file never contains passwords or private keys.'
              | translate
          }}
        </p>
        <div class="buttons">
          <button type="button" class="btn btn-default" (click)="actions.export('csv')">
            <i c8yIcon="download" aria-hidden="true"></i>
            {{ 'Export as CSV' | translate }}
          </button>
          <button type="button" class="btn btn-default" (click)="actions.export('json')">
            <i c8yIcon="download" aria-hidden="true"></i>
            {{ 'Export as JSON' | translate }}
          </button>
          @if (mayConfigure()) {
            <button type="button" class="btn btn-default" (click)="actions.import(reloadNothing)">
              <i c8yIcon="upload" aria-hidden="true"></i>
              {{ 'Import…' | translate }}
            </button>
          }
        </div>
      </div>
    </section>
  `,
  styles: `
    .buttons {
      display: flex;
      flex-wrap: wrap;
      gap: 8px;
    }

    /* Instead of the product's margin, which would indent the buttons of a second line. */
    .buttons .btn {
      margin: 0;
    }
  `,
})
export class TransferCardComponent {
  readonly mayConfigure = input.required<boolean>();

  protected readonly actions = inject(TransferActions);
  /** The card shows no endpoints, so there is nothing to reload after an import. */
  protected readonly reloadNothing = (): void => undefined;
}
