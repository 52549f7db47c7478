import { Injectable } from '@nestjs/common';
import {
  type EndpointId,
  isRefusal,
  type Refusal,
  RemoteAccessError,
} from '@remote-access/contracts';
import type { Caller } from '../access/caller';
import type { Gateway } from '../access/gateway';
import { CredentialVault } from '../credentials/credential-vault';
import type { EndpointDraft } from './endpoint-draft';
import { EndpointKeeper } from './endpoint-keeper';
import { EndpointKeys } from './endpoint-keys';
import type { EndpointList } from './endpoint-list';
import { EndpointListWriter, type ListChange } from './endpoint-list-writer';
import { flatBody } from './flat-body';
import { shownEndpoint, type ShownEndpoint } from './shown-endpoint';

/** Adds, changes and removes single endpoints for a caller who may. */
@Injectable()
export class EndpointEditor {
  constructor(
    private readonly writer: EndpointListWriter,
    private readonly keys: EndpointKeys,
    private readonly keeper: EndpointKeeper,
    private readonly vault: CredentialVault,
  ) {}

  async create(caller: Caller, gateway: Gateway, body: unknown): Promise<ShownEndpoint | Refusal> {
    const draft = await this.keys.read(body);
    if (isRefusal(draft)) return draft;
    return this.writer.change(caller, gateway.id, (list, current) =>
      this.put(caller, current, list, list.nextId(), draft),
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
    return this.writer.change(caller, gateway.id, (list, current) =>
      list.find(id) ? this.put(caller, current, list, id, draft) : notFound(),
    );
  }

  /** The body names what changes. */
  update(
    caller: Caller,
    gateway: Gateway,
    id: EndpointId,
    body: unknown,
  ): Promise<ShownEndpoint | Refusal> {
    return this.writer.change(caller, gateway.id, async (list, current) => {
      const entry = list.find(id);
      if (!entry) return notFound();
      const draft = await this.keys.read(flatBody(entry.endpoint, body));
      return isRefusal(draft) ? draft : this.put(caller, current, list, id, draft);
    });
  }

  remove(caller: Caller, gateway: Gateway, id: EndpointId): Promise<void | Refusal> {
    return this.writer.change<void>(caller, gateway.id, list => {
      const entry = list.find(id);
      if (!entry) return notFound();
      const { name, protocol, hostname, port } = entry.endpoint;
      const text = `Endpoint "${name}" (${protocol} ${hostname}:${port}) removed`;
      return {
        list: list.without(id),
        records: [{ activity: 'Remote access endpoint removed', text }],
        result: undefined,
      };
    });
  }

  private async put(
    caller: Caller,
    gateway: Gateway,
    list: EndpointList,
    id: EndpointId,
    draft: EndpointDraft,
  ): Promise<ListChange<ShownEndpoint> | Refusal> {
    const kept = await this.keeper.put(caller, gateway, list, id, draft);
    if (isRefusal(kept)) return kept;
    const result = shownEndpoint(kept.entry, this.vault);
    return { list: kept.list, records: [kept.record], result };
  }
}

function notFound(): Refusal {
  return new RemoteAccessError('endpoint-not-found');
}
