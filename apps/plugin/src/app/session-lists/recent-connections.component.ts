import {
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  inject,
  input,
  signal,
} from '@angular/core';
import { PlatformCalls } from '../host/platform-calls';
import { C8yTranslatePipe } from '../host/sdk';
import { Refusal } from '../ui/refusal';
import { dateTimeText, timeText } from '../ui/page-language';
import { TranslateMessagePipe } from '../ui/translate-message.pipe';
import { fetchRecentConnections, type RecentConnections } from './recent-connections';
import { durationText } from './session-list';

/** The latest connections to a gateway, loaded when the user asks for them. */
@Component({
  selector: 'ra-recent-connections',
  imports: [C8yTranslatePipe, TranslateMessagePipe],
  providers: [C8yTranslatePipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  styleUrl: '../ui/readable-buttons.css',
  styles: `
    /* The product's styles hide the marker. */
    summary {
      display: list-item;
      cursor: pointer;
    }

    /* On paper, the product's header with the gateway's name is missing. */
    caption {
      display: none;
    }

    @media print {
      caption {
        display: table-caption;
      }

      button {
        display: none;
      }
    }
  `,
  template: `
    <details #details class="card m-t-16 p-16" (toggle)="isOpen.set(details.open)">
      <summary>
        <h2 id="ra-recent-title" class="h4 d-inline m-0">
          {{ 'Recent connections' | translate }}
        </h2>
      </summary>
      <div aria-live="polite" class="m-t-16">
        @if (refusal(); as refusal) {
          <p class="m-0">{{ refusal.message | translateMessage }}</p>
        } @else if (rows(); as rows) {
          @if (rows.length) {
            <div
              class="table-responsive"
              tabindex="0"
              role="group"
              aria-labelledby="ra-recent-title"
            >
              <table class="table m-b-8">
                <caption>
                  {{
                    '{{ gateway }}, as of {{ time }}'
                      | translate: { gateway: gateway(), time: loadedAt() }
                  }}
                </caption>
                <thead>
                  <tr>
                    <th scope="col">{{ 'Time' | translate }}</th>
                    <th scope="col">{{ 'User' | translate }}</th>
                    <th scope="col">{{ 'Endpoint' | translate }}</th>
                    <th scope="col">{{ 'Result' | translate }}</th>
                    <th scope="col">{{ 'Duration' | translate }}</th>
                  </tr>
                </thead>
                <tbody>
                  @for (row of rows; track row.operationId) {
                    <tr>
                      <td>{{ row.time }}</td>
                      <td class="text-break-word">{{ row.user ?? '–' }}</td>
                      <td class="text-break-word">{{ row.endpoint }}</td>
                      <td class="text-break-word" [class.text-danger]="row.hasFailed">
                        {{ row.result | translateMessage }}
                      </td>
                      <td>{{ row.duration ? (row.duration | translateMessage) : '–' }}</td>
                    </tr>
                  }
                </tbody>
              </table>
            </div>
          } @else {
            <p class="m-0 text-muted">{{ 'Nobody has connected yet.' | translate }}</p>
          }
          @if (content()?.isAuditHidden) {
            <p class="m-0 small text-muted">
              {{ 'To see users and durations, you need READ for "Audits".' | translate }}
            </p>
          }
          <button type="button" class="btn btn-default btn-sm" (click)="load()">
            {{ 'Refresh' | translate }}
          </button>
        }
      </div>
    </details>
  `,
})
export class RecentConnectionsComponent {
  readonly deviceId = input.required<string>();
  /** The name of the gateway. */
  readonly gateway = input.required<string>();

  private readonly platform = inject(PlatformCalls);
  private readonly answer = signal<RecentConnections | Refusal | undefined>(undefined);

  protected readonly isOpen = signal(false);
  protected readonly loadedAt = signal('');
  protected readonly refusal = computed(() => {
    const answer = this.answer();
    return answer instanceof Refusal ? answer : undefined;
  });
  protected readonly content = computed(() => {
    const answer = this.answer();
    return answer instanceof Refusal ? undefined : answer;
  });
  protected readonly rows = computed(() =>
    this.content()?.connections.map(one => ({
      ...one,
      time: timeText(one.at),
      duration: one.durationMs === undefined ? undefined : durationText(one.durationMs),
    })),
  );

  constructor() {
    effect(() => {
      this.deviceId();
      this.answer.set(undefined);
      if (this.isOpen()) void this.load();
    });
  }

  protected async load(): Promise<void> {
    const deviceId = this.deviceId();
    const answer = await fetchRecentConnections(this.platform, deviceId);
    if (deviceId !== this.deviceId()) return;
    this.answer.set(answer);
    this.loadedAt.set(dateTimeText(new Date()));
  }
}
