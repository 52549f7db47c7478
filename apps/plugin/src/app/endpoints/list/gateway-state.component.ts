import {
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  inject,
  input,
  type OnDestroy,
  signal,
} from '@angular/core';
import { PlatformCalls } from '../../host/platform-calls';
import { C8yTranslatePipe, IconDirective } from '../../host/sdk';
import { gettext, type Message } from '../../ui/message';
import { timeText } from '../../ui/page-language';
import { TranslateMessagePipe } from '../../ui/translate-message.pipe';
import { fetchGatewayState, type GatewayState } from './gateway-state';

const REFRESH_EVERY_MS = 30_000;

const TEXTS: Readonly<Record<Exclude<GatewayState['connection'], 'unknown'>, string>> = {
  online: gettext('The gateway is online.'),
  maintenance: gettext('The gateway is in maintenance.'),
  offline: gettext('The gateway is offline. Connecting fails until it is back.'),
};

/** Shows whether the gateway is online, so that nobody waits for it in vain. */
@Component({
  selector: 'ra-gateway-state',
  imports: [C8yTranslatePipe, IconDirective, TranslateMessagePipe],
  providers: [C8yTranslatePipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { '(document:visibilitychange)': 'load()' },
  template: `
    <div role="status">
      @if (text(); as text) {
        <p [class]="isOffline() ? 'alert alert-warning' : 'text-muted m-b-8'">
          <!-- An alert has an icon of its own. -->
          @if (!isOffline()) {
            <i c8yIcon="check-circle" aria-hidden="true"></i>
          }
          {{ text | translate }}
          @if (lastContact(); as lastContact) {
            <span>{{ lastContact | translateMessage }}</span>
          }
        </p>
      }
    </div>
  `,
})
export class GatewayStateComponent implements OnDestroy {
  readonly deviceId = input.required<string>();

  private readonly platform = inject(PlatformCalls);
  private readonly state = signal<GatewayState>({ connection: 'unknown' });
  private readonly refreshing = setInterval(() => void this.load(), REFRESH_EVERY_MS);

  protected readonly isOffline = computed(() => this.state().connection === 'offline');
  protected readonly text = computed(() => {
    const { connection } = this.state();
    return connection === 'unknown' ? undefined : TEXTS[connection];
  });
  protected readonly lastContact = computed((): Message | undefined => {
    const { lastContact } = this.state();
    if (!lastContact) return undefined;
    return { text: gettext('Last contact: {{ time }}.'), values: { time: timeText(lastContact) } };
  });

  constructor() {
    effect(() => {
      this.deviceId();
      void this.load();
    });
  }

  ngOnDestroy(): void {
    clearInterval(this.refreshing);
  }

  protected async load(): Promise<void> {
    // Skip updates while the page is hidden.
    if (document.hidden) return;
    const deviceId = this.deviceId();
    const state = await fetchGatewayState(this.platform, deviceId);
    if (deviceId === this.deviceId()) this.state.set(state);
  }
}
