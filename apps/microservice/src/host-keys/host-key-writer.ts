import { Injectable } from '@nestjs/common';
import {
  addressText,
  type DeviceId,
  type Endpoint,
  isRefusal,
  LIMITS,
  type Refusal,
  RemoteAccessError,
} from '@remote-access/contracts';
import { MAX_HOST_KEYS, PinnedHostKeys, REVOKED, type HostKey } from '@remote-access/ssh-keys';
import type { CallerIdentity } from '../access/caller';
import type { StoredEntry } from '../endpoints/endpoint-list';
import { EndpointListWriter } from '../endpoints/endpoint-list-writer';
import { EntryAuthenticity } from '../endpoints/entry-authenticity';
import { EntryBuilder } from '../endpoints/entry-builder';

/** Not adopted from servers: breaking such a key is feasible. */
const WEAK_TYPES: readonly string[] = ['ssh-dss'];

/** The server that the endpoint led to when the keys were presented. */
export interface KeyedPlace {
  readonly deviceId: DeviceId;
  readonly endpoint: Pick<Endpoint, 'id' | 'hostname' | 'port' | 'protocol'>;
}

/** The outcome: saved now, already known, or different from the pinned key. */
type Kept = 'saved' | 'known' | 'differs';

/** Writes host keys into endpoints, which pins them. */
@Injectable()
export class HostKeyWriter {
  constructor(
    private readonly writer: EndpointListWriter,
    private readonly authenticity: EntryAuthenticity,
    private readonly builder: EntryBuilder,
  ) {}

  /**
   * Pins a key to an endpoint that has none. Of two simultaneous first connections the second one
   * finds the key that the first one wrote.
   *
   * @param occasion for the audit log: `after the first sign-in`
   * @returns `differs` if another key was pinned in the meantime; that one is kept
   */
  pinFirst(
    place: KeyedPlace,
    caller: CallerIdentity,
    key: HostKey,
    occasion: string,
  ): Promise<Kept | Refusal> {
    return this.change<Kept>(place, caller, pinned => {
      if (pinned.has(key)) return { result: 'known' };
      if (!pinned.isEmpty || pinned.isRevoked(key)) return { result: 'differs' };
      const what = `Host key ${named(key)} saved ${occasion}`;
      return { result: 'saved', keys: [key], what };
    });
  }

  /**
   * Replaces the pinned keys with those that the server has proved to hold, like OpenSSH's
   * UpdateHostKeys. Does nothing unless the key in use is pinned.
   */
  rotate(
    place: KeyedPlace,
    caller: CallerIdentity,
    used: HostKey,
    proved: readonly HostKey[],
  ): Promise<boolean | Refusal> {
    return this.change<boolean>(place, caller, pinned => {
      const usable = proved.filter(key => !WEAK_TYPES.includes(key.type) && !pinned.isRevoked(key));
      const keys = usable.slice(0, MAX_HOST_KEYS);
      const added = keys.filter(key => !pinned.has(key));
      const removed = pinned.all.filter(key => !keys.some(one => one.equals(key)));
      const isOurs = pinned.has(used) && keys.some(key => key.equals(used));
      if (!isOurs || added.length + removed.length === 0) return { result: false };
      const changes = [
        ...added.map(key => `${named(key)} added`),
        ...removed.map(key => `${named(key)} removed`),
      ];
      const what = `Host keys updated to those that the server proved to have: ${changes.join(', ')}`;
      return { result: true, keys, what };
    });
  }

  private change<Result>(
    { deviceId, endpoint }: KeyedPlace,
    caller: CallerIdentity,
    decide: (pinned: PinnedHostKeys) => {
      result: Result;
      keys?: readonly HostKey[];
      what?: string;
    },
  ): Promise<Result | Refusal> {
    return this.writer.change(caller, deviceId, async list => {
      const entry = list.find(endpoint.id);
      if (!entry || !isSamePlace(entry, endpoint)) return notThere();
      const checker = await this.authenticity.checkerOf(caller.tenant);
      const refusal = checker.refusalOf(deviceId, entry);
      if (refusal) return refusal;
      const pinned = pinsOf(entry);
      const { result, keys, what = '' } = decide(pinned);
      if (!keys) return { list: undefined, records: [], result };
      const revoked = pinned.revoked.map(({ line }) => `${REVOKED} ${line}`);
      const hostKey = [...keys.map(({ line }) => line), ...revoked].join('\n');
      // A longer text could not be read again, and nobody could connect any more.
      if (hostKey.length > LIMITS.key) return tooLong();
      const base = { entry, owner: checker.ownerOf(deviceId, entry) };
      const built = await this.builder.renew(base, { hostKey });
      if (isRefusal(built)) return built;
      const { name, protocol } = entry.endpoint;
      const text = `Endpoint "${name}" (${protocol} ${addressText(entry.endpoint)}): ${what}`;
      return {
        list: list.with(built.entry),
        records: [{ activity: 'Remote access host key saved', text }],
        result,
      };
    });
  }
}

/**
 * A key belongs to the server that presented it; by now the endpoint may lead to another server.
 */
function isSamePlace({ endpoint: now }: StoredEntry, then: KeyedPlace['endpoint']): boolean {
  return now.hostname === then.hostname && now.port === then.port && now.protocol === then.protocol;
}

/** @throws RemoteAccessError for unreadable pins, which are not overwritten */
function pinsOf({ endpoint }: StoredEntry): PinnedHostKeys {
  return PinnedHostKeys.parse(endpoint.credentials.hostKey);
}

function notThere(): Refusal {
  return new RemoteAccessError('endpoint-not-found');
}

function tooLong(): Refusal {
  const detail = `The host keys take more than ${LIMITS.key} characters, the most that an endpoint stores.`;
  return new RemoteAccessError('invalid-endpoint', { detail });
}

function named(key: HostKey): string {
  return `${key.shortName} ${key.sha256}`;
}
