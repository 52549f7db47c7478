import { RemoteAccessError, type HostKeyMessage } from '@remote-access/contracts';
import { HostKey, type PinnedHostKeys } from '@remote-access/ssh-keys';
import type { SshEndpoint } from './ssh-endpoint';
import { hostKeyMismatch, targetFailed } from './ssh-texts';

export interface HostKeyListener {
  /** The server has shown a key; not called for one that {@link accept} is asked about. */
  readonly onHostKey?: (message: HostKeyMessage) => void;
  /**
   * Decides about a key where none is pinned; absent: it is taken, and told as new.
   * @throws RemoteAccessError in place of an answer
   */
  readonly acceptHostKey?: (key: HostKey, message: HostKeyMessage) => Promise<boolean>;
}

/** Why not; `undefined` where the key is good. */
type Verdict = RemoteAccessError | undefined;

/** Decides whether a server is the one that is meant, before anything is sent to it. */
export class HostKeyJudge {
  private first: HostKey | undefined;

  constructor(
    private readonly endpoint: SshEndpoint,
    private readonly pinned: PinnedHostKeys,
    private readonly listener: HostKeyListener,
  ) {}

  /**
   * Also asked when keys are exchanged again: the server must still be the same then.
   * @returns a refusal, nothing where the key is good, or a promise of one of the two
   */
  judge(blob: Buffer): Verdict | Promise<Verdict> {
    const { endpoint, pinned, listener } = this;
    const key = HostKey.fromBlob(blob);
    if (!key) return targetFailed(endpoint, 'Its host key cannot be read.');
    if (this.first) {
      return this.first.equals(key) ? undefined : hostKeyMismatch(endpoint, key, [this.first]);
    }
    this.first = key;
    const isKnown = pinned.has(key);
    const state = isKnown ? 'known' : pinned.isEmpty ? 'new' : 'changed';
    const { type: keyType, sha256, md5, randomart } = key;
    const shown = { keyType, sha256, md5, randomart, state, question: false } as const;
    const message: HostKeyMessage = { type: 'host-key', ...shown };
    if (state === 'new' && listener.acceptHostKey) {
      return listener
        .acceptHostKey(key, message)
        .then(isTaken => (isTaken ? undefined : new RemoteAccessError('host-key-rejected')));
    }
    listener.onHostKey?.(message);
    return state === 'changed' ? hostKeyMismatch(endpoint, key, pinned.all) : undefined;
  }
}
