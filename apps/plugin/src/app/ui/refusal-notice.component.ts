import { ChangeDetectionStrategy, Component, input, output } from '@angular/core';
import { C8yTranslatePipe, EmptyStateComponent } from '../host/kit';
import type { Refusal } from './refusal';
import { SayPipe } from './say.pipe';

/** In place of a page's content: why it cannot be shown, and what to do. */
@Component({
  selector: 'ra-refusal-notice',
  imports: [C8yTranslatePipe, EmptyStateComponent, SayPipe],
  providers: [C8yTranslatePipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { role: 'alert' },
  template: `
    <c8y-ui-empty-state
      [icon]="'warning'"
      [title]="refusal().words | say"
      [subtitle]="refusal().advice ? (refusal().advice! | say) : ''"
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
