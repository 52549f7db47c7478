import { ChangeDetectionStrategy, Component, input, output } from '@angular/core';
import { C8yTranslatePipe, EmptyStateComponent } from '../host/sdk';
import type { Refusal } from './refusal';
import { TranslateMessagePipe } from './translate-message.pipe';

/** Replaces the content of a page that cannot be loaded: says why, and what to do. */
@Component({
  selector: 'ra-refusal-notice',
  imports: [C8yTranslatePipe, EmptyStateComponent, TranslateMessagePipe],
  providers: [C8yTranslatePipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { role: 'alert' },
  template: `
    <c8y-ui-empty-state
      [icon]="'warning'"
      [title]="refusal().message | translateMessage"
      [subtitle]="refusal().advice ? (refusal().advice! | translateMessage) : ''"
    >
      <button type="button" class="btn btn-default" (click)="retry.emit()">
        {{ 'Try again' | translate }}
      </button>
    </c8y-ui-empty-state>
  `,
})
export class RefusalNoticeComponent {
  readonly refusal = input.required<Refusal>();
  readonly retry = output();
}
