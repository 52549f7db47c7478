import { ChangeDetectionStrategy, Component, computed, input, output } from '@angular/core';
import { C8yTranslatePipe } from '../host/sdk';
import type { Latency } from './connection/latency-meter';
import type { StartedState } from './connection/session-machine';
import { hopList } from './session-status';
import { SessionStepsComponent } from './session-steps.component';

/** Details of a session, shown on demand: steps, host key, round trip, operation. */
@Component({
  selector: 'ra-session-details',
  imports: [C8yTranslatePipe, SessionStepsComponent],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <ra-session-steps class="steps" [state]="state()"></ra-session-steps>
    <dl class="m-0">
      @if (hostKey(); as key) {
        <dt>{{ 'Host key' | translate }}</dt>
        <dd>
          {{ key.keyType }}<br />
          <code>{{ key.sha256 }}</code><br />
          <code>{{ key.md5 }}</code>
        </dd>
      }
      @if (latency().nowMs !== undefined) {
        <dt>{{ 'Round-trip time to the service' | translate }}</dt>
        <dd>
          {{
            '{{ now }} now, 95% within {{ p95 }}'
              | translate
                : { now: milliseconds(latency().nowMs), p95: milliseconds(latency().p95Ms) }
          }}
        </dd>
      }
      @if (hops().length > 1) {
        <dt>{{ 'Round-trip time of each hop' | translate }}</dt>
        <dd>
          @for (hop of hops(); track hop.name) {
            <div>{{ hop.name | translate }}: {{ milliseconds(hop.ms) }}</div>
          }
        </dd>
      }
      @if (state().operationId; as id) {
        <dt>{{ 'Operation' | translate }}</dt>
        <dd>{{ id }}</dd>
      }
      @if (notifications() !== 'unsupported') {
        <dt>{{ 'Notifications while this tab is in the background' | translate }}</dt>
        <dd>
          @switch (notifications()) {
            @case ('granted') {
              {{
                'When the session ends, the bell rings or the server asks a question.' | translate
              }}
            }
            @case ('denied') {
              {{ 'The browser blocks notifications from this page.' | translate }}
            }
            @default {
              <button
                type="button"
                class="btn btn-default btn-sm"
                (click)="notificationsRequested.emit()"
              >
                {{ 'Allow notifications' | translate }}
              </button>
            }
          }
        </dd>
      }
    </dl>
  `,
  styles: `
    :host {
      display: flex;
      flex-wrap: wrap;
      gap: 8px 48px;
      max-height: 45vh;
      overflow: auto;
      padding: 12px 16px;
      border-bottom: 1px solid var(--c8y-root-component-border-color, #d3d8dc);
      background: var(--c8y-root-component-background-default, #fff);
    }

    .steps {
      flex: 0 1 300px;
    }

    dl {
      flex: 1 1 300px;
      min-width: 0;
    }

    dd {
      margin: 0 0 8px;
      overflow-wrap: anywhere;
    }

    code {
      padding: 0;
      background: none;
      color: inherit;
    }
  `,
})
export class SessionDetailsComponent {
  readonly state = input.required<StartedState>();
  readonly latency = input.required<Latency>();
  readonly notifications = input.required<NotificationPermission | 'unsupported'>();
  /** The user wants to enable notifications. */
  readonly notificationsRequested = output();

  protected readonly hops = computed(() => hopList(this.latency()));
  protected readonly hostKey = computed(() => this.state().hostKey);

  protected milliseconds(value: number | undefined): string {
    return `${Math.round(value ?? 0)} ms`;
  }
}
