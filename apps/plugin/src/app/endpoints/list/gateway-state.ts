import type { ManagedObject } from '@remote-access/contracts/platform';
import type { PlatformCalls } from '../../host/platform-calls';

/** Whether a gateway can be reached, as far as the platform knows. */
export interface GatewayState {
  readonly connection: 'online' | 'offline' | 'maintenance' | 'unknown';
  /** When the platform last received something from it. */
  readonly lastContact?: Date;
}

const UNKNOWN: GatewayState = { connection: 'unknown' };

/** Asks the platform; `unknown` if it cannot tell. */
export async function fetchGatewayState(
  platform: PlatformCalls,
  deviceId: string,
): Promise<GatewayState> {
  const path = `/inventory/managedObjects/${encodeURIComponent(deviceId)}?withChildren=false`;
  const { status, body } = await platform.call('GET', path);
  return status === 200 ? gatewayStateOf(body as ManagedObject) : UNKNOWN;
}

/**
 * `c8y_Connection` tells whether the gateway has a connection on which operations arrive;
 * `c8y_Availability` whether it has sent anything within its interval. Devices may have either,
 * both or none. The connection takes precedence, because it decides whether operations arrive.
 */
export function gatewayStateOf(gateway: ManagedObject): GatewayState {
  const connected = textOf(gateway['c8y_Connection'], 'status');
  const available = textOf(gateway['c8y_Availability'], 'status');
  const last = Date.parse(textOf(gateway['c8y_Availability'], 'lastMessage') ?? '');
  return {
    connection: connectionOf(connected, available),
    ...(Number.isNaN(last) ? {} : { lastContact: new Date(last) }),
  };
}

function connectionOf(connected?: string, available?: string): GatewayState['connection'] {
  if (connected === 'MAINTENANCE' || available === 'MAINTENANCE') return 'maintenance';
  if (connected === 'CONNECTED') return 'online';
  // Agents that poll for operations are never connected, but are available.
  if (available === 'AVAILABLE') return 'online';
  return connected === 'DISCONNECTED' || available === 'UNAVAILABLE' ? 'offline' : 'unknown';
}

function textOf(fragment: unknown, field: string): string | undefined {
  const value = (fragment as Readonly<Record<string, unknown>> | null | undefined)?.[field];
  return typeof value === 'string' ? value : undefined;
}
