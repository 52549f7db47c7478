import { Injectable } from '@nestjs/common';
import { type HostKeyMessage, isRefusal, type TenantId } from '@remote-access/contracts';
import type { ProvedHostKeys } from '@remote-access/ssh';
import type { HostKey } from '@remote-access/ssh-keys';
import { AccessPolicy } from '../access/access-policy';
import type { Caller } from '../access/caller';
import { Log } from '../logging/log';
import { TenantOptions } from '../tenant-settings/tenant-options';
import type { BridgeOpening } from '../sessions/bridge';
import { HostKeyWriter, type KeyedPlace } from './host-key-writer';

const OTHER_KEY_SAVED =
  'Somebody else has saved a different key for this endpoint in the meantime.';
const NOT_WRITTEN = 'The endpoint could not be updated. Connect again later.';

/**
 * A server announces its keys once per connection; one that keeps doing so would cause endless
 * writes.
 */
const MAX_ROTATIONS = 3;

type Client = Pick<BridgeOpening, 'prompts' | 'onHostKey'>;

/** Decides about host keys that are not pinned, according to the tenant's settings. */
@Injectable()
export class HostKeyTrust {
  constructor(
    private readonly options: TenantOptions,
    private readonly access: AccessPolicy,
    private readonly writer: HostKeyWriter,
    private readonly log: Log,
  ) {}

  async forSession(place: KeyedPlace, caller: Caller, client: Client): Promise<SessionHostKeys> {
    const { hostKeyAutosave } = await this.options.of(caller.tenant);
    const { access, writer, log } = this;
    return new SessionHostKeys(place, caller, client, hostKeyAutosave, { access, writer, log });
  }
}

/**
 * Decides about the host keys that a session is shown while none is pinned. With auto-save the key
 * of the first successful sign-in is saved. Otherwise the user is asked. Raw clients, which cannot
 * be asked, may connect, and the audit log notes that the key was not verified.
 */
export class SessionHostKeys {
  private wanted: { key: HostKey; message: HostKeyMessage; occasion: string } | undefined;
  private saving: Promise<string | undefined> = Promise.resolve(undefined);

  constructor(
    private readonly place: KeyedPlace,
    private readonly caller: Caller,
    private readonly client: Client,
    private readonly isAutosaved: boolean,
    private readonly tools: {
      readonly access: AccessPolicy;
      readonly writer: HostKeyWriter;
      readonly log: Log;
    },
  ) {}

  /** @returns whether to continue with a server that presents this key */
  readonly accept = async (key: HostKey, message: HostKeyMessage): Promise<boolean> => {
    const { prompts, onHostKey } = this.client;
    if (prompts && !this.isAutosaved) {
      const answer = await prompts.askHostKey({ ...message, question: true });
      if (answer === 'save') this.wanted = { key, message, occasion: 'as the user accepted it' };
      return answer !== 'abort';
    }
    onHostKey(message);
    if (this.isAutosaved) this.wanted = { key, message, occasion: 'after the first sign-in' };
    return true;
  };

  /**
   * Saves the accepted key: only the key of a server on which a sign-in succeeds is worth keeping.
   */
  readonly signedIn = (): void => {
    if (this.wanted) this.saving = this.saveAndTell(this.wanted);
  };

  /**
   * Saves the keys that the server later proves to hold, at most {@link MAX_ROTATIONS} times per
   * session. The function keeps neither this object nor the endpoint's credentials in memory.
   *
   * @returns `undefined` unless keys are saved automatically
   */
  rotation(): ProvedHostKeys | undefined {
    if (!this.isAutosaved) return undefined;
    const { writer, log } = this.tools;
    const { tenant, userName } = this.caller;
    const { id, hostname, port, protocol } = this.place.endpoint;
    const { deviceId } = this.place;
    const place = { deviceId, endpoint: { id, hostname, port, protocol } };
    let left = MAX_ROTATIONS;
    return (keys, used) => {
      if (left === 0) return;
      left -= 1;
      if (left === 0)
        log.warn('A server keeps showing new host keys', { tenant, deviceId, endpointId: id });
      writer.rotate(place, { tenant, userName }, used, keys).then(
        changed => {
          if (isRefusal(changed)) logNotSaved(log, tenant, place, changed);
        },
        (cause: unknown) => logNotSaved(log, tenant, place, cause),
      );
    };
  }

  /** A sentence for a user who asked to save a key, if that failed. */
  async complaint(): Promise<string | undefined> {
    // Nobody is waiting for a key to be saved automatically.
    if (this.isAutosaved) return undefined;
    const why = await this.saving;
    return why === undefined ? undefined : `The host key was not saved. ${why}`;
  }

  private async saveAndTell({
    key,
    message,
    occasion,
  }: NonNullable<SessionHostKeys['wanted']>): Promise<string | undefined> {
    const complaint = await this.save(key, occasion);
    if (complaint === undefined) this.client.onHostKey({ ...message, state: 'saved' });
    return complaint;
  }

  /** @returns why the key was not saved; the session continues nonetheless */
  private async save(key: HostKey, occasion: string): Promise<string | undefined> {
    const { place, caller, tools, isAutosaved } = this;
    const refusal = isAutosaved ? undefined : tools.access.mayConfigure(caller, place.deviceId);
    if (refusal) return refusal.message;
    try {
      const kept = await tools.writer.pinFirst(place, caller, key, occasion);
      if (kept === 'saved' || kept === 'known') return undefined;
      logNotSaved(tools.log, caller.tenant, place, kept);
      return kept === 'differs' ? OTHER_KEY_SAVED : kept.message;
    } catch (cause) {
      logNotSaved(tools.log, caller.tenant, place, cause);
      return NOT_WRITTEN;
    }
  }
}

function logNotSaved(
  log: Log,
  tenant: TenantId,
  { deviceId, endpoint }: KeyedPlace,
  cause: unknown,
): void {
  log.warn('A host key was not saved', { tenant, deviceId, endpointId: endpoint.id, cause });
}
