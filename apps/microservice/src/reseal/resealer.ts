import { Injectable } from '@nestjs/common';
import {
  type DeviceId,
  isRefusal,
  type Refusal,
  RemoteAccessError,
  type ResealReport,
  SECRET_FIELDS,
  type TenantId,
} from '@remote-access/contracts';
import { FRAGMENTS, type ManagedObject } from '@remote-access/contracts/platform';
import type { Caller } from '../access/caller';
import { CredentialVault } from '../credentials/credential-vault';
import { KeyRing } from '../credentials/key-ring';
import { EndpointList } from '../endpoints/endpoint-list';
import { EndpointListWriter } from '../endpoints/endpoint-list-writer';
import { StoredEntry } from '../endpoints/stored-entry';
import { TenantOptions } from '../options/tenant-options';
import { Cumulocity } from '../platform/cumulocity';

/** Less than the minute for which proxies wait; what is left is for the next call. */
const BUDGET_MS = 20_000;

const PAGE_SIZE = 100;

/** More names than this help nobody. */
const MAX_NAMED = 100;

/** What sealing a list anew came to. */
interface Tally {
  list: EndpointList;
  resealed: number;
  current: number;
  unusable: ResealReport['unusableSecrets'];
}

/**
 * Seals the secrets of a tenant with the key in force. Runs in the service, not beside it: it
 * queues up with everybody else who writes a gateway's list.
 */
@Injectable()
export class Resealer {
  constructor(
    private readonly cumulocity: Cumulocity,
    private readonly options: TenantOptions,
    private readonly keys: KeyRing,
    private readonly vault: CredentialVault,
    private readonly writer: EndpointListWriter,
  ) {}

  /** Whoever calls again goes on: what is sealed with the key in force is not written again. */
  async reseal(caller: Caller, budgetMs = BUDGET_MS): Promise<ResealReport | Refusal> {
    // The new key material may have been written a second ago.
    this.options.forget(caller.tenant);
    if (!(await this.keys.sealingKeyOf(caller.tenant))) {
      return new RemoteAccessError('no-key-material');
    }
    const deadline = performance.now() + budgetMs;
    const report: ResealReport = {
      complete: true,
      gateways: 0,
      resealed: 0,
      current: 0,
      unusable: 0,
      unusableSecrets: [],
    };
    for await (const gateway of this.gateways(caller.tenant)) {
      if (performance.now() > deadline) return { ...report, complete: false };
      const tally = await this.gateway(caller, gateway);
      if (isRefusal(tally)) {
        // Deleted while we looked at others.
        if (tally.code === 'device-not-found') continue;
        return tally;
      }
      report.gateways += 1;
      report.resealed += tally.resealed;
      report.current += tally.current;
      report.unusable += tally.unusable.length;
      const room = MAX_NAMED - report.unusableSecrets.length;
      report.unusableSecrets.push(...tally.unusable.slice(0, room));
    }
    return report;
  }

  private async *gateways(tenant: TenantId): AsyncGenerator<ManagedObject> {
    const platform = this.cumulocity.asService(tenant);
    for (let page = 1; ; page += 1) {
      const found = await platform.managedObjectsWith(FRAGMENTS.list, page, PAGE_SIZE);
      yield* found;
      if (found.length < PAGE_SIZE) return;
    }
  }

  /** Looks first: a gateway with nothing to seal is not read again and not written. */
  private async gateway(caller: Caller, found: ManagedObject): Promise<Tally | Refusal> {
    const { tenant } = caller;
    const glance = await this.sealed(tenant, found.id, EndpointList.of(found));
    if (glance.resealed === 0) return glance;
    return this.writer.change(caller, found.id, async list => {
      const tally = await this.sealed(tenant, found.id, list);
      const isChanged = tally.resealed > 0;
      const text = `Secrets sealed with the key in force: ${tally.resealed}`;
      const record = { activity: 'Remote access secrets sealed anew', text };
      return {
        list: isChanged ? tally.list : undefined,
        records: isChanged ? [record] : [],
        result: tally,
      };
    });
  }

  private async sealed(tenant: TenantId, deviceId: DeviceId, list: EndpointList): Promise<Tally> {
    const tally: Tally = { list, resealed: 0, current: 0, unusable: [] };
    for (const { endpoint, raw } of list.entries) {
      const replaced: Record<string, string> = {};
      for (const field of SECRET_FIELDS) {
        const stored = endpoint.credentials[field];
        if (stored === null) continue;
        const anew = await this.vault.sealAnew({ tenant, deviceId, endpoint }, field, stored);
        if (isRefusal(anew)) {
          const { id: endpointId, name } = endpoint;
          tally.unusable.push({ deviceId, endpointId, name, field });
        } else if (anew === stored) {
          tally.current += 1;
        } else {
          tally.resealed += 1;
          replaced[field] = anew;
        }
      }
      if (Object.keys(replaced).length > 0) {
        tally.list = tally.list.with(withSecrets(raw, replaced));
      }
    }
    return tally;
  }
}

function withSecrets(raw: unknown, secrets: Readonly<Record<string, string>>): StoredEntry {
  const fields = raw as Record<string, unknown>;
  const credentials = { ...(fields['credentials'] as object), ...secrets };
  return new StoredEntry({ ...fields, credentials });
}
