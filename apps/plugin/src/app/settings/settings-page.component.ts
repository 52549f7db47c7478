import { ChangeDetectionStrategy, Component, inject, viewChild } from '@angular/core';
import { CONFIGURE_ROLES, grants, ROLES } from '@remote-access/contracts/platform';
import { currentPermissions } from '../host/page-context';
import { C8yTranslatePipe, EmptyStateComponent, ModalService, TitleComponent } from '../host/sdk';
import type { LeavablePage } from '../ui/leavable-page';
import { TransferCardComponent } from '../transfer/transfer-card.component';
import { TranslateMessagePipe } from '../ui/translate-message.pipe';
import { gettext, type Message } from '../ui/message';
import { SettingsFormComponent } from './settings-form.component';

/** The page Settings → Remote access in Administration. */
@Component({
  selector: 'ra-settings-page',
  imports: [
    C8yTranslatePipe,
    EmptyStateComponent,
    TranslateMessagePipe,
    SettingsFormComponent,
    TitleComponent,
    TransferCardComponent,
  ],
  providers: [C8yTranslatePipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { '(window:beforeunload)': 'askBeforeLeaving($event)' },
  styleUrl: '../ui/readable-buttons.css',
  template: `
    <c8y-title>{{ 'Remote access' | translate }}</c8y-title>
    <div class="row">
      <div class="col-lg-8 col-md-10">
        @if (mayChangeSettings) {
          <ra-settings-form></ra-settings-form>
        } @else {
          <c8y-ui-empty-state
            role="alert"
            [icon]="'lock'"
            [title]="'Missing permissions' | translate"
            [subtitle]="missing | translateMessage"
          ></c8y-ui-empty-state>
        }
        @if (maySeeEndpoints) {
          <ra-transfer-card [mayConfigure]="mayConfigure"></ra-transfer-card>
        }
      </div>
    </div>
  `,
})
export class SettingsPageComponent implements LeavablePage {
  private readonly modals = inject(ModalService);
  private readonly form = viewChild(SettingsFormComponent);
  private question: Promise<boolean> | undefined;

  private readonly permissions = currentPermissions();
  protected readonly mayChangeSettings = this.permissions.roles.has(ROLES.optionAdmin);
  protected readonly maySeeEndpoints = grants(this.permissions.roles, ROLES.remoteAccessRead);
  /** Whether the user may configure at least some gateways. The service decides for each line. */
  protected readonly mayConfigure =
    CONFIGURE_ROLES.every(role => grants(this.permissions.roles, role)) ||
    Object.keys(this.permissions.devicePermissions).length > 0;
  protected readonly missing: Message = {
    text: gettext(
      'To see and change the remote access settings, you need {{ permissions }}. Ask your administrator.',
    ),
    values: { permissions: [gettext('ADMIN for "Option management"')] },
  };

  mayLeave(): Promise<boolean> {
    if (!this.form()?.changed()) return Promise.resolve(true);
    // The router asks again on every attempt, even while the dialog is open.
    this.question ??= this.ask().finally(() => (this.question = undefined));
    return this.question;
  }

  protected askBeforeLeaving(event: BeforeUnloadEvent): void {
    if (this.form()?.changed()) event.preventDefault();
  }

  private async ask(): Promise<boolean> {
    try {
      return Boolean(
        await this.modals.confirm(
          gettext('Unsaved changes'),
          gettext('Your changes to the settings are not saved. Leave the page and discard them?'),
          'warning',
          { ok: gettext('Leave'), cancel: gettext('Stay') },
        ),
      );
    } catch {
      // The dialog rejects if the user chooses to stay.
      return false;
    }
  }
}
