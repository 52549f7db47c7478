import { Injectable } from '@nestjs/common';
import { type EndpointId, isRefusal, type Refusal } from '@remote-access/contracts';
import type { Caller } from '../access/caller';
import type { Gateway } from '../access/gateway';
import { changeSentence } from './endpoint-audit';
import type { EndpointDraft } from './endpoint-draft';
import { EndpointKeys } from './endpoint-keys';
import type { EndpointList } from './endpoint-list';
import type { ChangeRecord } from './endpoint-list-writer';
import { EndpointSealer } from './endpoint-sealer';
import type { StoredEntry } from './stored-entry';

/** A list with an endpoint put into it. */
export interface KeptEndpoint {
  readonly list: EndpointList;
  readonly entry: StoredEntry;
  readonly record: ChangeRecord;
}

/** Puts an endpoint into a list, in place of the one that has its id or as a new one. */
@Injectable()
export class EndpointKeeper {
  constructor(
    private readonly keys: EndpointKeys,
    private readonly sealer: EndpointSealer,
  ) {}

  /** @returns why the gateway or the endpoint itself does not allow it */
  async put(
    caller: Caller,
    gateway: Gateway,
    list: EndpointList,
    id: EndpointId,
    given: EndpointDraft,
  ): Promise<KeptEndpoint | Refusal> {
    const refusal = gateway.refusalOf(given.protocol);
    if (refusal) return refusal;
    const before = list.find(id);
    const draft = await this.keys.besideKept(given, before, caller.tenant, gateway.id);
    if (isRefusal(draft)) return draft;
    const sealed = await this.sealer.seal(caller.tenant, gateway.id, id, draft, before);
    if (isRefusal(sealed)) return sealed;
    const { entry, replaced } = sealed;
    const activity = `Remote access endpoint ${before ? 'changed' : 'added'}`;
    const record = { activity, text: changeSentence(before, entry, replaced) };
    return { list: list.with(entry), entry, record };
  }
}
