import { Controller, HttpCode, Injectable, Post, Req } from '@nestjs/common';
import {
  type DeviceId,
  isRefusal,
  orThrow,
  type Refusal,
  RemoteAccessError,
  type ResealReport,
  SECRET_FIELDS,
  type TenantId,
} from '@remote-access/contracts';
import { FRAGMENTS, type ManagedObject } from '@remote-access/contracts/platform';
import type { Request } from 'express';
import { AccessPolicy } from '../access/access-policy';
import type { Caller } from '../access/caller';
import { ApiRoute } from '../api-description/api-route';
import { schemaRef } from '../api-description/schemas';
import { RESEAL_EXAMPLE } from '../api-description/service-schemas';
import { CallerCredentials } from '../platform/caller-credentials';
import { Cumulocity } from '../platform/cumulocity';
import { KeyRing } from '../secrets/key-ring';
import { TenantOptions } from '../tenant-settings/tenant-options';
import { EndpointList } from './endpoint-list';
import { EndpointListWriter } from './endpoint-list-writer';
import { EntryAuthenticity } from './entry-authenticity';
import { EntryBuilder } from './entry-builder';

/** Less than the 60 s after which proxies give up. The next call continues. */
const BUDGET_MS = 20_000;

const PAGE_SIZE = 100;

/** The maximum number of names in a report; nobody reads a longer list. */
const MAX_NAMED = 100;

/** A resealed list and what happened to its secrets. */
interface ResealedList {
  list: EndpointList;
  isChanged: boolean;
  resealed: number;
  current: number;
  unusable: ResealReport['unusableSecrets'];
}

/**
 * Seals the secrets of a tenant with the current key. It is part of the service rather than a
 * script, so that its writes are queued with all others.
 */
@Injectable()
export class Resealer {
  constructor(
    private readonly cumulocity: Cumulocity,
    private readonly options: TenantOptions,
    private readonly keys: KeyRing,
    private readonly authenticity: EntryAuthenticity,
    private readonly builder: EntryBuilder,
    private readonly writer: EndpointListWriter,
  ) {}

  /** Can be repeated until complete: secrets that are sealed with the current key are skipped. */
  async reseal(caller: Caller, budgetMs = BUDGET_MS): Promise<ResealReport | Refusal> {
    // The new key material may have been stored only a second ago.
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
      const result = await this.resealGateway(caller, gateway);
      if (isRefusal(result)) {
        // Deleted in the meantime.
        if (result.code === 'device-not-found') continue;
        return result;
      }
      report.gateways += 1;
      report.resealed += result.resealed;
      report.current += result.current;
      report.unusable += result.unusable.length;
      const room = MAX_NAMED - report.unusableSecrets.length;
      report.unusableSecrets.push(...result.unusable.slice(0, room));
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

  /** A gateway with nothing to reseal is neither read again nor written. */
  private async resealGateway(
    caller: Caller,
    found: ManagedObject,
  ): Promise<ResealedList | Refusal> {
    const { tenant } = caller;
    const preview = await this.resealList(tenant, found.id, EndpointList.of(found));
    if (isRefusal(preview) || !preview.isChanged) return preview;
    return this.writer.change(caller, found.id, async list => {
      const result = await this.resealList(tenant, found.id, list);
      if (isRefusal(result)) return result;
      const { isChanged } = result;
      const text = `Secrets sealed with the current key: ${result.resealed}`;
      const record = { activity: 'Remote access secrets re-sealed', text };
      return {
        list: isChanged ? result.list : undefined,
        records: isChanged ? [record] : [],
        result,
      };
    });
  }

  /** Entries that were changed outside the service stay as they are until a user confirms them. */
  private async resealList(
    tenant: TenantId,
    deviceId: DeviceId,
    list: EndpointList,
  ): Promise<ResealedList | Refusal> {
    const checker = await this.authenticity.checkerOf(tenant);
    const result: ResealedList = { list, isChanged: false, resealed: 0, current: 0, unusable: [] };
    for (const entry of list.entries) {
      const { id: endpointId, name, credentials } = entry.endpoint;
      const fields = SECRET_FIELDS.filter(field => credentials[field] !== null);
      const isOurs = !checker.refusalOf(deviceId, entry) && entry.damage.length === 0;
      const base = { entry, owner: checker.ownerOf(deviceId, entry) };
      const built = isOurs
        ? await this.builder.renew(base, { withCurrentKey: true })
        : { entry, unusable: fields };
      if (isRefusal(built)) return built;
      for (const field of fields) {
        const resealed = built.entry.endpoint.credentials[field];
        if (built.unusable.includes(field)) {
          result.unusable.push({ deviceId, endpointId, name, field });
        } else if (resealed === credentials[field]) result.current += 1;
        else result.resealed += 1;
      }
      if (built.entry.fields['mac'] === entry.fields['mac']) continue;
      result.isChanged = true;
      result.list = result.list.with(built.entry);
    }
    return result;
  }
}

/** The second step of changing the sealing key; see docs/operations.md. */
@Controller('credentials/reseal')
export class ResealController {
  constructor(
    private readonly access: AccessPolicy,
    private readonly resealer: Resealer,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiRoute({
    summary: 'Seals all secrets of the tenant with the current key',
    details:
      'Needs ADMIN for "Remote access" and for "Option management". Stops after 20 seconds: ' +
      'call again until the report is complete.',
    answers: [
      {
        status: 200,
        text: 'The report.',
        schema: schemaRef('ResealReport'),
        example: RESEAL_EXAMPLE,
      },
    ],
    refusals: ['forbidden', 'no-key-material', 'conflict'],
  })
  async reseal(@Req() request: Request): Promise<ResealReport> {
    const caller = orThrow(await this.access.caller(CallerCredentials.from(request)));
    orThrow(this.access.mayChangeKeys(caller));
    return orThrow(await this.resealer.reseal(caller));
  }
}
