import { Injectable } from '@nestjs/common';
import {
  type ChangedEndpoint,
  type ChangedEndpoints,
  type ConfirmLine,
  type ConfirmReference,
  type ConfirmReport,
  type DeviceId,
  isRefusal,
  MAX_CONFIRMED,
  type Refusal,
  RemoteAccessError,
  type TenantId,
} from '@remote-access/contracts';
import { FRAGMENTS } from '@remote-access/contracts/platform';
import { Secret } from '@remote-access/settings';
import { AccessPolicy } from '../access/access-policy';
import type { Caller } from '../access/caller';
import { Gateway } from '../access/gateway';
import { mapConcurrently } from '../concurrency/map-concurrently';
import type { CallerCredentials } from '../platform/caller-credentials';
import { Cumulocity } from '../platform/cumulocity';
import { SecretVault } from '../secrets/secret-vault';
import { invalidEndpoint } from './endpoint-draft';
import { type EndpointView, toEndpointView } from './endpoint-directory';
import { EndpointList, type StoredEntry } from './endpoint-list';
import { type ChangeRecord, EndpointListWriter } from './endpoint-list-writer';
import { REENTRY_HINTS } from './endpoint-sealer';
import { trustSentence } from './endpoint-trust';
import { EntryAuthenticity, type EntryChecker } from './entry-authenticity';
import { EntryBuilder } from './entry-builder';

/** Gateways that are written concurrently. */
const CONCURRENT_GATEWAYS = 4;

const PAGE_SIZE = 200;

/** Less than the 60 s after which proxies give up. */
const BUDGET_MS = 20_000;

/** An entry and its audit record; the record is absent if there was nothing to confirm. */
interface Confirmed {
  readonly entry: StoredEntry;
  readonly record?: ChangeRecord;
}

/** Confirms entries that were changed outside the service, in the state that the user has seen. */
@Injectable()
export class EndpointConfirmer {
  constructor(
    private readonly access: AccessPolicy,
    private readonly cumulocity: Cumulocity,
    private readonly writer: EndpointListWriter,
    private readonly authenticity: EntryAuthenticity,
    private readonly builder: EntryBuilder,
    private readonly vault: SecretVault,
  ) {}

  /**
   * @param password required unless the stored one can be unsealed for the entry's current state
   * @returns `conflict` if the entry is no longer the one that was seen; `invalid-endpoint` if a
   *   secret must be entered again or the entry is damaged
   */
  confirm(
    caller: Caller,
    deviceId: DeviceId,
    { id, seen }: Omit<ConfirmReference, 'deviceId'>,
    password?: string,
  ): Promise<EndpointView | Refusal> {
    return this.writer.change(caller, deviceId, async list => {
      const checker = await this.authenticity.checkerOf(caller.tenant);
      const confirmed = await this.confirmed(checker, deviceId, list, { id, seen }, password);
      if (isRefusal(confirmed)) return confirmed;
      const { entry, record } = confirmed;
      return {
        list: record && list.with(entry),
        records: record ? [record] : [],
        result: toEndpointView(entry, this.vault),
      };
    });
  }

  /** Confirms endpoints of many gateways. Refusing one does not affect the others. */
  async confirmAll(
    caller: Caller,
    credentials: CallerCredentials,
    references: readonly ConfirmReference[],
  ): Promise<ConfirmReport> {
    const byDevice = new Map<DeviceId, ConfirmReference[]>();
    for (const one of references) {
      const others = byDevice.get(one.deviceId);
      if (others) others.push(one);
      else byDevice.set(one.deviceId, [one]);
    }
    const answers = new Map<ConfirmReference, ConfirmLine>();
    await mapConcurrently([...byDevice], CONCURRENT_GATEWAYS, async ([deviceId, ofDevice]) => {
      const lines = await this.confirmDevice(caller, credentials, deviceId, ofDevice);
      ofDevice.forEach((one, index) =>
        answers.set(one, isRefusal(lines) ? lineOf(one, lines) : lines[index]!),
      );
    });
    const lines = references.map(one => answers.get(one)!);
    const confirmed = lines.filter(({ outcome }) => outcome === 'confirmed').length;
    return { confirmed, refused: lines.length - confirmed, lines };
  }

  /** The unconfirmed endpoints of all gateways that the caller may see. */
  async changed(tenant: TenantId, credentials: CallerCredentials): Promise<ChangedEndpoints> {
    const deadline = performance.now() + BUDGET_MS;
    const checker = await this.authenticity.checkerOf(tenant);
    const platform = this.cumulocity.as(credentials);
    const endpoints: ChangedEndpoint[] = [];
    for (let page = 1; ; page += 1) {
      const found = await platform.managedObjectsWith(FRAGMENTS.list, page, PAGE_SIZE);
      endpoints.push(...found.flatMap(one => changedOf(new Gateway(one), checker)));
      if (endpoints.length > MAX_CONFIRMED) {
        return { complete: false, endpoints: endpoints.slice(0, MAX_CONFIRMED) };
      }
      if (found.length < PAGE_SIZE) return { complete: true, endpoints };
      if (performance.now() > deadline) return { complete: false, endpoints };
    }
  }

  private async confirmDevice(
    caller: Caller,
    credentials: CallerCredentials,
    deviceId: DeviceId,
    references: readonly ConfirmReference[],
  ): Promise<ConfirmLine[] | Refusal> {
    try {
      const access = await this.access.authorizeToConfigure(caller, credentials, deviceId);
      if (isRefusal(access)) return access;
      return await this.writer.change(caller, deviceId, async before => {
        const checker = await this.authenticity.checkerOf(caller.tenant);
        let list = before;
        const records: ChangeRecord[] = [];
        const result: ConfirmLine[] = [];
        for (const one of references) {
          const confirmed = await this.confirmed(checker, deviceId, list, one);
          result.push(lineOf(one, isRefusal(confirmed) ? confirmed : undefined));
          if (isRefusal(confirmed) || !confirmed.record) continue;
          list = list.with(confirmed.entry);
          records.push(confirmed.record);
        }
        return { list: records.length > 0 ? list : undefined, records, result };
      });
    } catch (error) {
      // A platform failure for one gateway must not hide the results of the others.
      if (isRefusal(error)) return error;
      throw error;
    }
  }

  private async confirmed(
    checker: EntryChecker,
    deviceId: DeviceId,
    list: EndpointList,
    { id, seen }: Pick<ConfirmReference, 'id' | 'seen'>,
    password?: string,
  ): Promise<Confirmed | Refusal> {
    const entry = list.find(id);
    if (!entry) return new RemoteAccessError('endpoint-not-found');
    const outdated = checker.outdated(deviceId, entry, seen);
    if (outdated) return outdated;
    if (checker.stateOf(deviceId, entry) !== 'changed') return { entry };
    if (entry.damage.length > 0) {
      return invalidEndpoint([`The endpoint is damaged: ${entry.damage.join(', ')}`]);
    }
    const base = { entry, owner: checker.ownerOf(deviceId, entry) };
    const needsPassword = entry.endpoint.credentials.password !== null;
    const given = needsPassword && password !== undefined ? new Secret(password) : undefined;
    const built = await this.builder.renew(base, given ? { password: given } : {});
    if (isRefusal(built)) return built;
    if (built.unusable.length > 0) {
      return invalidEndpoint(built.unusable.map(field => REENTRY_HINTS[field]));
    }
    const set = given ? '; secrets set: password' : '';
    const text = `${trustSentence(entry.endpoint)} confirmed after it had been changed outside Remote access${set}`;
    return {
      entry: built.entry,
      record: { activity: 'Remote access endpoint confirmed', text },
    };
  }
}

function changedOf(gateway: Gateway, checker: EntryChecker): ChangedEndpoint[] {
  return EndpointList.of(gateway.managedObject)
    .entries.filter(entry => checker.stateOf(gateway.id, entry) === 'changed')
    .map(entry => {
      const { id, name, protocol, hostname, port } = entry.endpoint;
      const seen = checker.seenOf(gateway.id, entry);
      return {
        deviceId: gateway.id,
        deviceName: gateway.name,
        id,
        name,
        protocol,
        hostname,
        port,
        seen,
      };
    });
}

function lineOf({ deviceId, id }: ConfirmReference, refusal: Refusal | undefined): ConfirmLine {
  if (!refusal) return { deviceId, id, outcome: 'confirmed' };
  const { code, message } = refusal;
  return { deviceId, id, outcome: 'refused', code, message };
}
