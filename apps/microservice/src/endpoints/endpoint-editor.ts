import { Injectable } from '@nestjs/common';
import { RemoteAccessError, type EndpointId } from '@remote-access/contracts';
import type { Caller } from '../access/caller';
import { Gateway } from '../access/gateway';
import { isRefusal, type Refusal } from '../access/refusal';
import { AuditTrail } from '../audit/audit-trail';
import { CredentialVault } from '../credentials/credential-vault';
import { Cumulocity } from '../platform/cumulocity';
import { changeSentence } from './endpoint-audit';
import type { EndpointDraft } from './endpoint-draft';
import { EndpointKeys } from './endpoint-keys';
import { EndpointList } from './endpoint-list';
import { EndpointSealer } from './endpoint-sealer';
import { flatBody } from './flat-body';
import { KeyedQueue } from './keyed-queue';
import { shownEndpoint, type ShownEndpoint } from './shown-endpoint';

/** What a change of the list leaves behind, and how the audit log tells of it. */
interface Change<Result> {
  readonly list: EndpointList;
  readonly activity: string;
  readonly text: string;
  readonly result: Result;
}

/**
 * Adds, changes and removes endpoints for a caller who may. The list lives on the gateway's
 * managed object and is written as the service user; writers of one list queue up, so that none
 * overwrites what another has just written.
 */
@Injectable()
export class EndpointEditor {
  private readonly queue = new KeyedQueue();

  constructor(
    private readonly cumulocity: Cumulocity,
    private readonly keys: EndpointKeys,
    private readonly sealer: EndpointSealer,
    private readonly vault: CredentialVault,
    private readonly audit: AuditTrail,
  ) {}

  async create(caller: Caller, gateway: Gateway, body: unknown): Promise<ShownEndpoint | Refusal> {
    const draft = await this.keys.read(body);
    if (isRefusal(draft)) return draft;
    return this.edit(caller, gateway, (list, current) =>
      this.store(caller, current, list, list.nextId(), draft),
    );
  }

  /** The body is the whole new state, but for secrets that are kept. */
  async replace(
    caller: Caller,
    gateway: Gateway,
    id: EndpointId,
    body: unknown,
  ): Promise<ShownEndpoint | Refusal> {
    const draft = await this.keys.read(body);
    if (isRefusal(draft)) return draft;
    return this.edit(caller, gateway, (list, current) =>
      list.find(id) ? this.store(caller, current, list, id, draft) : notFound(),
    );
  }

  /** The body names what changes. */
  update(
    caller: Caller,
    gateway: Gateway,
    id: EndpointId,
    body: unknown,
  ): Promise<ShownEndpoint | Refusal> {
    return this.edit(caller, gateway, async (list, current) => {
      const entry = list.find(id);
      if (!entry) return notFound();
      const draft = await this.keys.read(flatBody(entry.endpoint, body));
      return isRefusal(draft) ? draft : this.store(caller, current, list, id, draft);
    });
  }

  remove(caller: Caller, gateway: Gateway, id: EndpointId): Promise<void | Refusal> {
    return this.edit<void>(caller, gateway, list => {
      const entry = list.find(id);
      if (!entry) return notFound();
      const { name, protocol, hostname, port } = entry.endpoint;
      return {
        list: list.without(id),
        activity: 'Remote access endpoint removed',
        text: `Endpoint "${name}" (${protocol} ${hostname}:${port}) removed`,
        result: undefined,
      };
    });
  }

  private async store(
    caller: Caller,
    gateway: Gateway,
    list: EndpointList,
    id: EndpointId,
    given: EndpointDraft,
  ): Promise<Change<ShownEndpoint> | Refusal> {
    const refusal = gateway.refusalOf(given.protocol);
    if (refusal) return refusal;
    const before = list.find(id);
    const draft = await this.keys.besideKept(given, before, caller.tenant, gateway.id);
    if (isRefusal(draft)) return draft;
    const sealed = await this.sealer.seal(caller.tenant, gateway.id, id, draft, before);
    if (isRefusal(sealed)) return sealed;
    return {
      list: list.with(sealed.entry),
      activity: `Remote access endpoint ${before ? 'changed' : 'added'}`,
      text: changeSentence(before, sealed.entry, sealed.replaced),
      result: shownEndpoint(sealed.entry, this.vault),
    };
  }

  /** @param change gets the list as it stands when it is this writer's turn */
  private edit<Result>(
    caller: Caller,
    gateway: Gateway,
    change: (
      list: EndpointList,
      gateway: Gateway,
    ) => Change<Result> | Refusal | Promise<Change<Result> | Refusal>,
  ): Promise<Result | Refusal> {
    const { tenant, userName } = caller;
    const platform = this.cumulocity.asService(tenant);
    return this.queue.run(`${tenant}/${gateway.id}`, async () => {
      const managedObject = await platform.managedObject(gateway.id);
      if (!managedObject) return new RemoteAccessError('device-not-found');
      const current = new Gateway(managedObject);
      const changed = await change(EndpointList.of(managedObject), current);
      if (isRefusal(changed)) return changed;
      const { list, activity, text, result } = changed;
      await platform.updateManagedObject(gateway.id, list.fragments());
      const entry = { type: 'Inventory', sourceId: gateway.id, activity, text } as const;
      await this.audit.record(tenant, { ...entry, user: userName });
      return result;
    });
  }
}

function notFound(): Refusal {
  return new RemoteAccessError('endpoint-not-found');
}
