import type { DeviceId, Endpoint } from '@remote-access/contracts';
import type { Caller, CallerIdentity } from '../access/caller';
import type { NoticeRemark } from '../tenant-settings/connect-conditions';
import type { CallerCredentials } from '../platform/caller-credentials';
import type { ProtocolDriver } from '../protocols/protocol-driver';

/** The whole access decision for one connection, made. */
export interface ConnectGrant {
  readonly caller: Caller;
  /** Kept in memory as long as the session runs, whose right to go on is reviewed with them. */
  readonly credentials: CallerCredentials;
  /** Not its managed object, which is big where a gateway has many endpoints. */
  readonly gateway: { readonly id: DeviceId; readonly name: string };
  readonly endpoint: Endpoint;
  readonly driver: ProtocolDriver;
  readonly notice: NoticeRemark;
}

/** What of a decision stays in memory with the session: not what the endpoint is signed in to with. */
export interface SessionGrant extends Pick<ConnectGrant, 'credentials' | 'gateway' | 'notice'> {
  readonly caller: CallerIdentity;
  readonly endpoint: Readonly<
    Pick<Endpoint, 'id' | 'name' | 'protocol' | 'hostname' | 'port' | 'viewOnly'>
  >;
}

export function sessionGrant(grant: ConnectGrant): SessionGrant {
  const { credentials, gateway, notice, caller, endpoint } = grant;
  const { tenant, userName } = caller;
  const { id, name, protocol, hostname, port, viewOnly = false } = endpoint;
  return {
    caller: { tenant, userName },
    credentials,
    gateway,
    endpoint: { id, name, protocol, hostname, port, viewOnly },
    notice,
  };
}
