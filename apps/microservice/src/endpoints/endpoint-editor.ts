import { Injectable } from '@nestjs/common';
import {
  addressText,
  type EndpointId,
  isRefusal,
  type Refusal,
  RemoteAccessError,
  type SecretField,
} from '@remote-access/contracts';
import type { Caller } from '../access/caller';
import type { Gateway } from '../access/gateway';
import { SecretVault } from '../secrets/secret-vault';
import { isObject } from './body-reader';
import { type EndpointView, toEndpointView } from './endpoint-directory';
import {
  type EndpointDraft,
  mergePatch,
  withSshDefaults,
  withStoredFields,
} from './endpoint-draft';
import { EndpointKeyNormaliser } from './endpoint-key-normaliser';
import type { EndpointList, StoredEntry } from './endpoint-list';
import { type ChangeRecord, EndpointListWriter, type ListChange } from './endpoint-list-writer';
import { EndpointSealer } from './endpoint-sealer';
import { weakeningsOf } from './endpoint-trust';
import { EntryAuthenticity } from './entry-authenticity';
import type { EntryBase } from './entry-builder';
import { entryTag, outdatedRefusal } from './entry-tag';

/** A list with one endpoint added or replaced. */
export interface EndpointEdit {
  readonly list: EndpointList;
  readonly entry: StoredEntry;
  /**
   * The fields whose values have changed, including secrets that were set; empty for a new
   * endpoint.
   */
  readonly changed: readonly string[];
  readonly record: ChangeRecord;
}

/** An endpoint after it was written. */
export interface WrittenEndpoint {
  readonly view: EndpointView;
  readonly tag: string;
}

/** How a draft relates to the entry that it replaces. */
type EditKind =
  | { readonly kind: 'replace' }
  /** `seen` is what the caller has seen of an entry that was changed outside the service. */
  | { readonly kind: 'patch'; readonly seen?: unknown };

/** Adds, changes and removes endpoints for an authorized caller. */
@Injectable()
export class EndpointEditor {
  constructor(
    private readonly writer: EndpointListWriter,
    private readonly keys: EndpointKeyNormaliser,
    private readonly sealer: EndpointSealer,
    private readonly authenticity: EntryAuthenticity,
    private readonly vault: SecretVault,
  ) {}

  async create(
    caller: Caller,
    gateway: Gateway,
    body: unknown,
  ): Promise<WrittenEndpoint | Refusal> {
    const draft = await this.keys.read(caller, withSshDefaults(body));
    if (isRefusal(draft)) return draft;
    return this.writer.change(caller, gateway.id, (list, current) =>
      this.store(caller, current, list, list.nextId(), draft, { kind: 'replace' }),
    );
  }

  /**
   * The body is the complete new state, except that absent secrets are kept, and so is what
   * {@link withStoredFields} keeps. Of an entry that was changed outside the service only a private
   * key is kept, so replacing it confirms nothing.
   * @param ifMatch the version that the caller has seen; any version if absent
   */
  async replace(
    caller: Caller,
    gateway: Gateway,
    id: EndpointId,
    body: unknown,
    ifMatch?: string,
  ): Promise<WrittenEndpoint | Refusal> {
    const given = await this.keys.read(caller, body);
    if (isRefusal(given)) return given;
    return this.writer.change(caller, gateway.id, async (list, current) => {
      const entry = list.find(id);
      if (!entry) return notFound();
      const outdated = outdatedRefusal(ifMatch, entry);
      if (outdated) return outdated;
      const checker = await this.authenticity.checkerOf(caller.tenant);
      const isChanged = checker.stateOf(gateway.id, entry) === 'changed';
      const draft = isChanged ? given : withStoredFields(given, entry.endpoint, body);
      return this.store(caller, current, list, id, draft, { kind: 'replace' });
    });
  }

  /**
   * The body is a merge patch.
   * @param ifMatch the version that the caller has seen; any version if absent
   */
  update(
    caller: Caller,
    gateway: Gateway,
    id: EndpointId,
    body: unknown,
    ifMatch?: string,
  ): Promise<WrittenEndpoint | Refusal> {
    const seen = isObject(body) ? body['seen'] : undefined;
    return this.writer.change(caller, gateway.id, async (list, current) => {
      const entry = list.find(id);
      if (!entry) return notFound();
      const outdated = outdatedRefusal(ifMatch, entry);
      if (outdated) return outdated;
      const draft = await this.keys.read(caller, mergePatch(entry.endpoint, body));
      if (isRefusal(draft)) return draft;
      return this.store(caller, current, list, id, draft, { kind: 'patch', seen });
    });
  }

  remove(caller: Caller, gateway: Gateway, id: EndpointId): Promise<void | Refusal> {
    return this.writer.change<void>(caller, gateway.id, list => {
      const entry = list.find(id);
      if (!entry) return notFound();
      const { name, protocol } = entry.endpoint;
      const text = `Endpoint "${name}" (${protocol} ${addressText(entry.endpoint)}) removed`;
      return {
        list: list.without(id),
        records: [{ activity: 'Remote access endpoint removed', text }],
        result: undefined,
      };
    });
  }

  /**
   * Puts a draft into a list, replacing the entry with that id if there is one. Nothing is written.
   * @returns a refusal if the gateway does not allow the protocol, if the endpoint is invalid, or
   *   if the patch is for an entry that was changed outside the service
   */
  async put(
    caller: Caller,
    gateway: Gateway,
    list: EndpointList,
    id: EndpointId,
    given: EndpointDraft,
    edit: EditKind = { kind: 'patch' },
  ): Promise<EndpointEdit | Refusal> {
    const refusal = gateway.refusalOf(given.protocol);
    if (refusal) return refusal;
    const before = list.find(id);
    const base = before && (await this.baseOf(caller, gateway, before, edit));
    if (isRefusal(base)) return base;
    const draft = await this.keys.matchStoredKey(caller, given, base);
    if (isRefusal(draft)) return draft;
    const sealed = await this.sealer.seal(caller.tenant, gateway.id, id, draft, base);
    if (isRefusal(sealed)) return sealed;
    const { entry, replaced } = sealed;
    const activity = `Remote access endpoint ${before ? 'changed' : 'added'}`;
    const changed = base ? changedFields(base.entry, entry, replaced) : [];
    const record = { activity, text: changeSentence(base, entry, changed, replaced) };
    const secrets = base ? replaced.filter(field => !changed.includes(field)) : [];
    return { list: list.with(entry), entry, changed: [...changed, ...secrets], record };
  }

  private async store(
    caller: Caller,
    gateway: Gateway,
    list: EndpointList,
    id: EndpointId,
    draft: EndpointDraft,
    kind: EditKind,
  ): Promise<ListChange<WrittenEndpoint> | Refusal> {
    const edit = await this.put(caller, gateway, list, id, draft, kind);
    if (isRefusal(edit)) return edit;
    const result = { view: toEndpointView(edit.entry, this.vault), tag: entryTag(edit.entry) };
    return { list: edit.list, records: [edit.record], result };
  }

  /** @returns `endpoint-unconfirmed`, `conflict` */
  private async baseOf(
    { tenant }: Caller,
    { id: deviceId }: Gateway,
    entry: StoredEntry,
    edit: EditKind,
  ): Promise<EntryBase | Refusal> {
    const checker = await this.authenticity.checkerOf(tenant);
    const owner = checker.ownerOf(deviceId, entry);
    const isChanged = checker.stateOf(deviceId, entry) === 'changed';
    if (edit.kind === 'replace') {
      return { entry, owner, trust: isChanged ? 'discarded' : 'verified' };
    }
    if (edit.seen === undefined) {
      return checker.refusalOf(deviceId, entry) ?? { entry, owner, trust: 'verified' };
    }
    return (
      checker.outdated(deviceId, entry, edit.seen) ?? {
        entry,
        owner,
        trust: isChanged ? 'confirmed' : 'verified',
      }
    );
  }
}

function notFound(): Refusal {
  return new RemoteAccessError('endpoint-not-found');
}

/** One sentence for the audit log. It names the secrets that were set, never their values. */
function changeSentence(
  base: EntryBase | undefined,
  after: StoredEntry,
  changed: readonly string[],
  replaced: readonly SecretField[],
): string {
  const { name, protocol, credentials } = after.endpoint;
  const what = `"${name}" (${protocol} ${addressText(after.endpoint)}, ${credentials.type})`;
  const secrets = replaced.length > 0 ? `; secrets set: ${replaced.join(', ')}` : '';
  if (!base) return `Endpoint ${what} added${secrets}`;
  const fields = changed.length > 0 ? `; changed: ${changed.join(', ')}` : '';
  const weaker = weakeningsOf(base.entry.endpoint, after.endpoint);
  const weakening = weaker.length > 0 ? `; this weakens its protection: ${weaker.join(', ')}` : '';
  const outside = base.trust === 'verified' ? '' : '; it had been changed outside Remote access';
  return `Endpoint ${what} changed${fields}${secrets}${weakening}${outside}`;
}

function changedFields(
  before: StoredEntry,
  after: StoredEntry,
  replaced: readonly SecretField[],
): string[] {
  const { credentials: credentialsBefore, ...plainBefore } = before.endpoint;
  const { credentials: credentialsAfter, ...plainAfter } = after.endpoint;
  const { password, privateKey } = credentialsAfter;
  // A kept secret is sealed anew when what it is bound to changes.
  const kept = Object.entries({ password, privateKey }).filter(
    ([field, text]) => text !== null && !replaced.some(one => one === field),
  );
  return [
    ...differingKeys(plainBefore, plainAfter),
    ...differingKeys(credentialsBefore, credentialsAfter),
  ].filter(name => !kept.some(([field]) => field === name));
}

function differingKeys(before: object, after: object): string[] {
  const old = new Map(Object.entries(before));
  const current = new Map(Object.entries(after));
  const names = new Set([...old.keys(), ...current.keys()]);
  return [...names].filter(
    name => JSON.stringify(old.get(name)) !== JSON.stringify(current.get(name)),
  );
}
