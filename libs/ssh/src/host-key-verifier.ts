import { RemoteAccessError, type HostKeyMessage } from '@remote-access/contracts';
import { HostKey, type PinnedHostKeys } from '@remote-access/ssh-keys';
import { hostKeyMismatch, hostKeyRevoked, targetFailed, type SshEndpoint } from './ssh-errors';

export interface HostKeyListener {
  /** The server has presented a key; not called for a key that `acceptHostKey` decides about. */
  readonly onHostKey?: (message: HostKeyMessage) => void;
  /**
   * Decides about a key if none is pinned. If absent, the key is accepted and reported as new.
   * @throws RemoteAccessError instead of an answer
   */
  readonly acceptHostKey?: (key: HostKey, message: HostKeyMessage) => Promise<boolean>;
}

type MaybeRefusal = RemoteAccessError | undefined;

/** Decides whether a server is the intended one, before anything is sent to sign in. */
export class HostKeyVerifier {
  private first: HostKey | undefined;

  constructor(
    private readonly endpoint: SshEndpoint,
    private readonly pinned: PinnedHostKeys,
    private readonly listener: HostKeyListener,
  ) {}

  /**
   * Also called on rekeying, when the server must present the same key.
   * @returns `undefined` for an accepted key, a refusal, or a promise of either
   */
  verify(blob: Buffer): MaybeRefusal | Promise<MaybeRefusal> {
    const { endpoint, pinned, listener } = this;
    const key = HostKey.fromBlob(blob);
    if (!key) return targetFailed(endpoint, 'Its host key cannot be read.');
    if (this.first) {
      return this.first.equals(key) ? undefined : hostKeyMismatch(endpoint, key, [this.first]);
    }
    if (pinned.isRevoked(key)) return hostKeyRevoked(endpoint, key);
    this.first = key;
    const state = pinned.has(key) ? 'known' : pinned.isEmpty ? 'new' : 'changed';
    const { type: keyType, sha256, md5, randomart } = key;
    const description = { keyType, sha256, md5, randomart, state, question: false } as const;
    const message: HostKeyMessage = { type: 'host-key', ...description };
    if (state === 'new' && listener.acceptHostKey) {
      return listener
        .acceptHostKey(key, message)
        .then(isAccepted => (isAccepted ? undefined : new RemoteAccessError('host-key-rejected')));
    }
    listener.onHostKey?.(message);
    return state === 'changed' ? hostKeyMismatch(endpoint, key, pinned.all) : undefined;
  }
}
