import { ChangeDetectionStrategy, Component, inject } from '@angular/core';
import { RouterOutlet } from '@angular/router';
import { AlertService } from './host/sdk-parts';

/** A window with a session, without the rest of the product. */
@Component({
  selector: 'ra-window',
  imports: [RouterOutlet],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <router-outlet></router-outlet>
    <div class="alerts" role="status">
      @if (alerts.shown(); as text) {
        <p class="alert alert-warning m-0">{{ text }}</p>
      }
    </div>
  `,
  styles: `
    .alerts {
      position: fixed;
      inset: auto 16px 16px auto;
      z-index: 1040;
      max-width: min(420px, 90vw);
    }
  `,
})
export class WindowComponent {
  protected readonly alerts = inject(AlertService);
}
