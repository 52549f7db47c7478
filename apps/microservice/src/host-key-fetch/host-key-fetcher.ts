import { Injectable } from '@nestjs/common';
import {
  type FetchedHostKey,
  type HostKeyFetchBody,
  isRefusal,
  type KeyAlgorithm,
  type Refusal,
  RemoteAccessError,
} from '@remote-access/contracts';
import { fetchHostKeys } from '@remote-access/ssh';
import type { HostKey } from '@remote-access/ssh-keys';
import type { GatewayAccess } from '../access/access-policy';
import { AuditTrail } from '../audit/audit-trail';
import type { CallerCredentials } from '../platform/caller-credentials';
import type { GatewayCall } from '../sessions/gateway-call';
import { GatewayDialler } from '../sessions/gateway-dialler';

/** Each holds an HTTP request and a connection through a gateway for up to a minute. */
const MAX_FETCHES = 32;

/** Has a gateway connect to an SSH server and asks it for its host keys; nobody signs in. */
@Injectable()
export class HostKeyFetcher {
  private running = 0;

  constructor(
    private readonly dialler: GatewayDialler,
    private readonly audit: AuditTrail,
  ) {}

  /** @returns `gateway-…`, `target-…`, `platform-…`, `too-many-requests`: which hop failed and why */
  async fetch(
    { caller, gateway }: GatewayAccess,
    credentials: CallerCredentials,
    { hostname, port, legacyAlgorithms }: Required<HostKeyFetchBody>,
  ): Promise<FetchedHostKey[] | Refusal> {
    const busy = this.running >= MAX_FETCHES && new RemoteAccessError('too-many-requests');
    const refusal = busy || this.dialler.refusal();
    if (refusal) return refusal;
    this.running += 1;
    let call: GatewayCall | undefined;
    try {
      const { tenant } = caller;
      const device = { deviceId: gateway.id, gatewayName: gateway.name };
      const target = { tenant, credentials, ...device, hostname, port };
      const keys = await fetchHostKeys({
        open: () => {
          call = this.dialler.call(target);
          return call.open();
        },
        endpoint: { name: `${hostname}:${port}`, hostname, port },
        legacyAlgorithms,
      });
      const found = keys.map(({ type, sha256 }) => `${type} ${sha256}`).join(', ');
      await this.record(caller, gateway.id, `Host keys of ${hostname}:${port} fetched: ${found}`);
      return keys.map(described);
    } catch (cause) {
      if (!isRefusal(cause)) throw cause;
      const error = (await call?.reportedFailure()) ?? cause;
      const text = `Host keys of ${hostname}:${port} not fetched (${error.code}: ${error.message})`;
      await this.record(caller, gateway.id, text);
      return error;
    } finally {
      this.running -= 1;
    }
  }

  private record(
    { tenant, userName: user }: GatewayAccess['caller'],
    sourceId: string,
    text: string,
  ): Promise<void> {
    const activity = 'Remote access host keys fetched';
    return this.audit.record(tenant, { type: 'Inventory', sourceId, activity, text, user });
  }
}

function described({
  line,
  type,
  shortName,
  bits,
  sha256,
  md5,
  randomart,
}: HostKey): FetchedHostKey {
  return { line, type, algorithm: shortName as KeyAlgorithm, bits, sha256, md5, randomart };
}
