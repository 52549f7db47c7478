import { ChangeDetectionStrategy, Component, computed, inject, input, signal } from '@angular/core';
import { Router } from '@angular/router';
import { MAX_REASON_LENGTH, type RunningSession } from '@remote-access/contracts';
import { PROTOCOL_LABELS } from '../endpoints/endpoint-labels';
import { currentUserName } from '../host/page-context';
import { AlertService, C8yTranslatePipe, TitleComponent } from '../host/sdk';
import { gettext } from '../ui/message';
import { numberText } from '../ui/page-language';
import { Refusal } from '../ui/refusal';
import { TranslateMessagePipe } from '../ui/translate-message.pipe';
import { RunningSessions } from './running-sessions';
import { arranged, bytesText, sinceOf, STATE_TEXTS, type SortKey } from './session-list';

/** The application that contains the pages of devices, as the prefix of addresses in it. */
const DEVICE_MANAGEMENT = '/apps/devicemanagement/index.html#';

/** Who is connected right now: to one gateway, or to all gateways that the user may see. */
@Component({
  selector: 'ra-running-sessions',
  imports: [C8yTranslatePipe, TranslateMessagePipe],
  providers: [C8yTranslatePipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  styleUrl: '../ui/readable-buttons.css',
  styles: `
    .filter {
      max-width: 320px;
    }

    /* The table scrolls rather than break words. */
    td {
      min-width: 6em;
    }

    .reason {
      min-width: 220px;
    }

    .buttons {
      display: flex;
      flex-wrap: wrap;
      gap: 8px;
    }

    .buttons .btn {
      margin: 0;
    }

    /* Aligns headings with and without a button. */
    .table thead th {
      vertical-align: middle;
    }

    /* Looks like the table's other headings. */
    th .btn {
      min-height: 0;
      color: inherit;
      font: inherit;
      text-align: start;
      text-transform: inherit;
      white-space: nowrap;
    }
  `,
  templateUrl: './running-sessions.component.html',
})
export class RunningSessionsComponent {
  /** All gateways if absent. */
  readonly deviceId = input<string>();

  private readonly sessions = inject(RunningSessions);
  private readonly alerts = inject(AlertService);
  private readonly router = inject(Router);
  private readonly userName = currentUserName();

  protected readonly maxReasonLength = MAX_REASON_LENGTH;
  protected readonly content = this.sessions.content;
  protected readonly filter = signal('');
  protected readonly sortKey = signal<SortKey>('startedAt');
  protected readonly isDescending = signal(false);
  protected readonly asking = signal<RunningSession | undefined>(undefined);
  protected readonly busy = signal(false);

  protected readonly refusal = computed(() => {
    const content = this.content();
    return content instanceof Refusal ? content : undefined;
  });
  protected readonly all = computed(() => {
    const content = this.content();
    return content instanceof Refusal ? [] : (content ?? []);
  });
  protected readonly rows = computed(() =>
    arranged(this.all(), this.filter(), this.sortKey(), this.isDescending()).map(session => ({
      session,
      state: STATE_TEXTS[session.state] ?? session.state,
      since: sinceOf(session, this.sessions.nowMs()),
      bytes: bytesText(session.bytesToClient + session.bytesFromClient),
      protocol: PROTOCOL_LABELS[session.protocol] ?? session.protocol,
      roundTrip: session.gatewayMs === null ? '' : `${numberText(session.gatewayMs, 1)} ms`,
    })),
  );
  /** A service with a single process names none. */
  protected readonly hasReplicas = computed(() => this.all().some(({ replica }) => replica));
  protected readonly columns = computed((): readonly { key: SortKey; label: string }[] => [
    { key: 'user', label: gettext('User') },
    ...(this.deviceId() === undefined
      ? [{ key: 'deviceName' as const, label: gettext('Gateway') }]
      : []),
    { key: 'endpointName', label: gettext('Endpoint') },
    { key: 'startedAt', label: gettext('Duration') },
    { key: 'bytes', label: gettext('Data transferred') },
    { key: 'state', label: gettext('State') },
    { key: 'gatewayMs', label: gettext('Round trip to the gateway') },
    ...(this.hasReplicas() ? [{ key: 'replica' as const, label: gettext('Replica') }] : []),
  ]);

  /** The user's own terminal sessions can continue in this window. */
  protected mayTakeOver({ user, protocol, state }: RunningSession): boolean {
    const isTerminal = protocol === 'SSH' || protocol === 'TELNET';
    return user === this.userName && isTerminal && state !== 'opening';
  }

  /** Another user's session; only users who may watch it see it in the list. */
  protected mayWatch({ user, protocol, state }: RunningSession): boolean {
    return user !== this.userName && protocol !== 'PASSTHROUGH' && state !== 'opening';
  }

  protected watch(session: RunningSession): void {
    void this.router.navigateByUrl(watchAddress(session));
  }

  /** Administration has no pages of devices. */
  protected watchInDeviceManagement(session: RunningSession): string {
    return DEVICE_MANAGEMENT + watchAddress(session);
  }

  protected takeOver({ id, deviceId, endpointId }: RunningSession): void {
    void this.router.navigate(['/device', deviceId, 'remote-access', endpointId], {
      queryParams: { takeOver: id },
    });
  }

  protected sort(key: SortKey): void {
    this.isDescending.set(this.sortKey() === key && !this.isDescending());
    this.sortKey.set(key);
  }

  protected sorting(key: SortKey): 'ascending' | 'descending' | 'none' {
    if (this.sortKey() !== key) return 'none';
    return this.isDescending() ? 'descending' : 'ascending';
  }

  protected async terminate({ id }: RunningSession, reason: string): Promise<void> {
    this.busy.set(true);
    const refusal = await this.sessions.terminate(id, reason.trim());
    this.busy.set(false);
    this.asking.set(undefined);
    // A session that is already over needs no message.
    if (refusal && refusal.code !== 'session-not-found') this.alerts.danger(refusal.message.text);
  }
}

/**
 * Where a session is watched: a terminal on a separate page, a desktop through a separate session.
 */
function watchAddress({ id, deviceId, endpointId, protocol }: RunningSession): string {
  const [device, endpoint, session] = [deviceId, endpointId, id].map(encodeURIComponent);
  const page = `/device/${device}/remote-access/${endpoint}`;
  return protocol === 'VNC' ? `${page}?watch=${session}` : `${page}/watch/${session}`;
}

/** For Administration: the sessions of all gateways. */
@Component({
  selector: 'ra-sessions-page',
  imports: [C8yTranslatePipe, RunningSessionsComponent, TitleComponent],
  providers: [RunningSessions],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <c8y-title>{{ 'Remote access sessions' | translate }}</c8y-title>
    <ra-running-sessions></ra-running-sessions>
  `,
})
export class SessionsPageComponent {
  constructor() {
    inject(RunningSessions).watch();
  }
}
