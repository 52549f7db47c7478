import { ChangeDetectionStrategy, Component, inject, input, output } from '@angular/core';
import { ActionBarItemComponent, C8yTranslatePipe, IconDirective } from '../host/sdk';
import { TransferActions } from './transfer-actions';

/** Exports and imports the endpoints of one gateway, from the menu of the action bar. */
@Component({
  selector: 'ra-transfer-menu',
  imports: [ActionBarItemComponent, C8yTranslatePipe, IconDirective],
  providers: [C8yTranslatePipe, TransferActions],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    @if (mayConfigure()) {
      <c8y-action-bar-item placement="more">
        <button type="button" (click)="actions.import(imported, deviceId())">
          <i c8yIcon="upload" aria-hidden="true"></i>
          {{ 'Import endpoints' | translate }}
        </button>
      </c8y-action-bar-item>
    }
    <c8y-action-bar-item placement="more">
      <button type="button" (click)="actions.export('csv', deviceId())">
        <i c8yIcon="download" aria-hidden="true"></i>
        {{ 'Export endpoints as CSV' | translate }}
      </button>
    </c8y-action-bar-item>
    <c8y-action-bar-item placement="more">
      <button type="button" (click)="actions.export('json', deviceId())">
        <i c8yIcon="download" aria-hidden="true"></i>
        {{ 'Export endpoints as JSON' | translate }}
      </button>
    </c8y-action-bar-item>
  `,
})
export class TransferMenuComponent {
  readonly deviceId = input.required<string>();
  /** Whether the user may change endpoints, which importing requires. */
  readonly mayConfigure = input.required<boolean>();
  readonly changed = output();

  protected readonly actions = inject(TransferActions);
  protected readonly imported = (): void => this.changed.emit();
}
