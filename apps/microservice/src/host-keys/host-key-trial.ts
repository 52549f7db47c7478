import {
  type HostKeyMessage,
  isRefusal,
  type Refusal,
  type TenantId,
} from '@remote-access/contracts';
import type { ProvedHostKeys } from '@remote-access/ssh';
import type { HostKey } from '@remote-access/ssh-keys';
import type { AccessPolicy } from '../access/access-policy';
import type { Log } from '../logging/log';
import type { BridgeOpening, EndpointPlace } from '../protocols/protocol-driver';
import type { HostKeyKeeper, KeyedPlace } from './host-key-keeper';

export type TrialOpening = Pick<BridgeOpening, 'dialogue' | 'onHostKey' | 'caller'>;

const OTHER_KEY_SAVED = 'Somebody else has saved another one for this endpoint meanwhile.';
const NOT_WRITTEN = 'The endpoint could not be written; connect again later.';

/**
 * What one session makes of the host keys that it is shown where none is pinned. With auto-save
 * the first one that a sign-in succeeds on is saved; without it whoever can be asked is asked; raw
 * clients connect, and the audit log says that the key was not verified.
 */
export class HostKeyTrial {
  private wanted: { key: HostKey; occasion: string } | undefined;
  private saving: Promise<string | undefined> = Promise.resolve(undefined);

  constructor(
    private readonly place: EndpointPlace,
    private readonly opening: TrialOpening,
    private readonly isAutosaved: boolean,
    private readonly tools: {
      readonly access: AccessPolicy;
      readonly keeper: HostKeyKeeper;
      readonly log: Log;
    },
  ) {}

  /** @returns whether to go on with a server that shows this key */
  readonly accept = async (key: HostKey, message: HostKeyMessage): Promise<boolean> => {
    const { dialogue, onHostKey } = this.opening;
    if (dialogue && !this.isAutosaved) {
      const answer = await dialogue.askHostKey({ ...message, question: true });
      if (answer === 'save') this.wanted = { key, occasion: 'as the user accepted it' };
      return answer !== 'abort';
    }
    onHostKey(message);
    if (this.isAutosaved) this.wanted = { key, occasion: 'after the first sign-in' };
    return true;
  };

  /** Only a server that a sign-in succeeded on is worth remembering. */
  readonly signedIn = (): void => {
    if (this.wanted) this.saving = this.save(this.wanted.key, this.wanted.occasion);
  };

  /**
   * What the server proves later, for as long as the session runs: it holds nothing of the trial,
   * nor what the endpoint is signed in to with.
   *
   * @returns `undefined` where keys are not saved by themselves
   */
  rotation(): ProvedHostKeys | undefined {
    if (!this.isAutosaved) return undefined;
    const { keeper, log } = this.tools;
    const { tenant, userName } = this.opening.caller;
    const { id, hostname, port, protocol } = this.place.endpoint;
    const place = { deviceId: this.place.deviceId, endpoint: { id, hostname, port, protocol } };
    return (keys, used) => {
      keeper.rotate(place, { tenant, userName }, used, keys).then(
        changed => {
          if (isRefusal(changed)) logNotSaved(log, tenant, place, changed);
        },
        (cause: unknown) => logNotSaved(log, tenant, place, cause),
      );
    };
  }

  /** A sentence for a user who wanted a key saved that was not. */
  async complaint(): Promise<string | undefined> {
    // What is saved without having been asked for keeps nobody waiting.
    if (this.isAutosaved) return undefined;
    const why = await this.saving;
    return why === undefined ? undefined : `The host key was not saved. ${why}`;
  }

  /** @returns why not; the session goes on all the same */
  private async save(key: HostKey, occasion: string): Promise<string | undefined> {
    const { place, opening, tools } = this;
    const forbidden = this.isAutosaved ? undefined : this.mayNotSave();
    if (forbidden) return forbidden.message;
    try {
      const kept = await tools.keeper.pinFirst(place, opening.caller, key, occasion);
      if (kept === 'saved' || kept === 'known') return undefined;
      this.log(kept);
      return kept === 'differs' ? OTHER_KEY_SAVED : kept.message;
    } catch (cause) {
      this.log(cause);
      return NOT_WRITTEN;
    }
  }

  private mayNotSave(): Refusal | undefined {
    return this.tools.access.mayConfigure(this.opening.caller, this.place.deviceId);
  }

  private log(cause: unknown): void {
    logNotSaved(this.tools.log, this.place.tenant, this.place, cause);
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
