import {
  ChangeDetectionStrategy,
  Component,
  computed,
  inject,
  input,
  NgZone,
  output,
  signal,
} from '@angular/core';
import { RouterLink } from '@angular/router';
import { addressText, type Protocol, type RunningSession } from '@remote-access/contracts';
import {
  C8yTranslatePipe,
  IconDirective,
  ListGroupComponent,
  ListItemActionComponent,
  ListItemBodyComponent,
  ListItemComponent,
  ListItemIconComponent,
} from '../../host/sdk';
import { type KnownEndpoint, KnownEndpoints } from '../../favourites/known-endpoints';
import { currentUserName } from '../../host/page-context';
import { PlatformCalls } from '../../host/platform-calls';
import { windowAddress } from '../../host/window-address';
import { HeadStarts } from '../../session/connection/head-starts';
import { sinceOf } from '../../session-lists/session-list';
import { gettext, type Message } from '../../ui/message';
import { TranslateMessagePipe } from '../../ui/translate-message.pipe';
import { filterAndSort, ORDER_KEYS, type Order, type OrderKey } from './endpoint-order';
import { type ChangedEntry, isConfirmable } from '../changed-entry';
import type { EndpointEntry } from '../endpoint-client';
import { CREDENTIALS_LABELS, PROTOCOL_ICONS, PROTOCOL_LABELS } from '../endpoint-labels';
import { damageMessage } from '../entry-damage';

/** What a session of a user means for its endpoint. */
const USER_TEXTS: Readonly<Record<RunningSession['state'], string>> = {
  opening: gettext('Connecting: {{ user }}'),
  open: gettext('Connected: {{ user }}'),
  waiting: gettext('Connection lost: {{ user }}'),
};

/** The endpoints of a gateway, one row each, with a link that opens a session. */
@Component({
  selector: 'ra-endpoint-list',
  imports: [
    C8yTranslatePipe,
    IconDirective,
    ListGroupComponent,
    ListItemActionComponent,
    ListItemBodyComponent,
    ListItemComponent,
    ListItemIconComponent,
    RouterLink,
    TranslateMessagePipe,
  ],
  providers: [C8yTranslatePipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './endpoint-list.component.html',
  styleUrl: './endpoint-list.component.css',
})
export class EndpointListComponent {
  protected readonly windowAddress = windowAddress;
  readonly deviceId = input.required<string>();
  readonly deviceName = input.required<string>();
  readonly endpoints = input.required<readonly EndpointEntry[]>();
  readonly mayConfigure = input.required<boolean>();
  /** The protocols that the gateway allows. */
  readonly protocols = input.required<readonly Protocol[]>();

  /** Whether remote access is disabled for the whole tenant. */
  readonly isSwitchedOff = input.required<boolean>();

  /** Who is connected to the gateway, and when that information was received. */
  readonly running = input.required<{ sessions: readonly RunningSession[]; nowMs: number }>();

  readonly edit = output<EndpointEntry>();
  readonly duplicate = output<EndpointEntry>();
  readonly remove = output<EndpointEntry>();
  readonly confirm = output<ChangedEntry>();
  readonly commands = output<EndpointEntry>();

  private readonly platform = inject(PlatformCalls);
  private readonly headStarts = inject(HeadStarts);
  private readonly zone = inject(NgZone);
  private readonly known = new KnownEndpoints(localStorage, currentUserName());
  protected readonly favourites = signal(this.known.favourites);

  protected readonly search = signal('');
  protected readonly order = signal<Order>({ key: 'name', descending: false });
  protected readonly shown = computed(() =>
    filterAndSort(this.endpoints(), this.search(), this.order()),
  );
  protected readonly address = addressText;
  protected readonly damageMessage = damageMessage;
  protected readonly orderKeys = ORDER_KEYS;
  protected readonly orderLabel: Readonly<Record<OrderKey, string>> = {
    name: gettext('Name'),
    protocol: gettext('Protocol'),
    host: gettext('Host'),
  };

  /** The endpoint, if the user can confirm it. */
  protected confirmable(endpoint: EndpointEntry): ChangedEntry | undefined {
    return this.mayConfigure() && isConfirmable(endpoint) ? endpoint : undefined;
  }

  protected isFavourite({ id: endpointId }: EndpointEntry): boolean {
    const deviceId = this.deviceId();
    return this.favourites().some(
      one => one.deviceId === deviceId && one.endpointId === endpointId,
    );
  }

  protected toggleFavourite(endpoint: EndpointEntry): void {
    this.known.toggleFavourite(this.knownAs(endpoint));
    this.favourites.set(this.known.favourites);
  }

  /** The link opens the session's page here or, with a modifier key, in another tab. */
  protected connect(endpoint: EndpointEntry, event: MouseEvent): void {
    const { button, ctrlKey, metaKey, shiftKey, altKey } = event;
    const isHere = button === 0 && !(ctrlKey || metaKey || shiftKey || altKey);
    // Outside the zone: what arrives for a session must not make the product check all its parts.
    if (isHere) {
      this.zone.runOutsideAngular(() =>
        this.headStarts.begin(this.platform, this.deviceId(), endpoint),
      );
    }
    this.rememberUse(endpoint);
  }

  protected rememberUse(endpoint: EndpointEntry): void {
    this.known.used(this.knownAs(endpoint));
  }

  private knownAs({ id, name, protocol }: EndpointEntry): KnownEndpoint {
    const [deviceId, deviceName] = [this.deviceId(), this.deviceName()];
    return { deviceId, deviceName, endpointId: id, endpointName: name, protocol };
  }

  /** Who has a session on an endpoint, in which state, and since when. */
  protected connected({ id }: EndpointEntry): { text: string; user: string; since: Message }[] {
    const { sessions, nowMs } = this.running();
    return sessions
      .filter(session => session.endpointId === id)
      .map(session => ({
        text: USER_TEXTS[session.state] ?? USER_TEXTS.open,
        user: session.user,
        since: sinceOf(session, nowMs),
      }));
  }

  protected protocol(endpoint: EndpointEntry): string {
    return hasUnknownProtocol(endpoint) ? '–' : PROTOCOL_LABELS[endpoint.protocol];
  }

  protected icon(endpoint: EndpointEntry): string {
    return hasUnknownProtocol(endpoint) ? 'warning' : PROTOCOL_ICONS[endpoint.protocol];
  }

  protected signInLabel({ protocol, credentials }: EndpointEntry): string {
    // With the other protocols, the service does not sign in.
    const says = protocol === 'SSH' || protocol === 'VNC';
    return says ? (CREDENTIALS_LABELS[credentials.type] ?? credentials.type) : '';
  }

  /** The action that a row offers. */
  protected action(
    endpoint: EndpointEntry,
  ): 'page' | 'tab' | 'commands' | 'none' | 'forbidden' | 'off' | 'unconfirmed' {
    if (endpoint.damaged) return 'none';
    if (endpoint.changed) return 'unconfirmed';
    if (!this.protocols().includes(endpoint.protocol)) return 'forbidden';
    if (this.isSwitchedOff()) return 'off';
    if (endpoint.protocol === 'PASSTHROUGH') return 'commands';
    return endpoint.protocol === 'VNC' ? 'tab' : 'page';
  }

  protected sortBy(key: OrderKey): void {
    this.order.update(order => ({
      key,
      descending: order.key === key && !order.descending,
    }));
  }

  protected sortLabel(key: OrderKey): string {
    switch (key) {
      case 'name':
        return gettext('Sort by name');
      case 'protocol':
        return gettext('Sort by protocol');
      case 'host':
        return gettext('Sort by host');
      default:
        return key satisfies never;
    }
  }
}

function hasUnknownProtocol({ damaged }: EndpointEntry): boolean {
  return damaged?.some(problem => problem.startsWith('protocol ')) ?? false;
}
