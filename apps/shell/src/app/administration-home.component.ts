import { ChangeDetectionStrategy, Component } from '@angular/core';
import { C8yTranslatePipe, EmptyStateComponent, TitleComponent } from '@c8y/ngx-components';

/** Says that this host is minimal, so that nobody looks for users and tenants here. */
@Component({
  selector: 'shell-administration-home',
  imports: [TitleComponent, EmptyStateComponent, C8yTranslatePipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <c8y-title>{{ 'Administration' | translate }}</c8y-title>
    <c8y-ui-empty-state
      [icon]="'cog'"
      [title]="'Choose a page under Settings' | translate"
      [subtitle]="'This local host shows only the pages that plugins add.' | translate"
    ></c8y-ui-empty-state>
  `,
})
export class AdministrationHomeComponent {}
