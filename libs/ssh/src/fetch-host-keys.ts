import { HostKey } from '@remote-access/ssh-keys';
import type { Duplex } from 'node:stream';
import { Client, type ServerHostKeyAlgorithm } from 'ssh2';
import { algorithmsFor, hostKeyAlgorithms, keyTypeOf } from './algorithms';
import { ConnectionGuard } from './connection-guard';
import { ServerGreeting, ServerOffer } from './server-greeting';
import { targetFailed, targetTimeout, type SshEndpoint } from './ssh-errors';
import { Ssh2Internals } from './ssh2-internals';

/** For one key exchange, including the hops on the way. */
const EXCHANGE_DEADLINE_MS = 15_000;

export interface HostKeyFetch {
  /** Opens a new connection to the server; called once per key type, sequentially. */
  readonly open: () => Promise<Duplex>;
  readonly endpoint: SshEndpoint;
  /** Whether to fetch keys of weak algorithms as well; `false` by default. */
  readonly legacyAlgorithms?: boolean;
  readonly deadlineMs?: number;
}

/**
 * Fetches a server's host keys, one of each type that it offers. The server proves that it holds
 * the private keys. There is no sign-in, and no user name is sent.
 *
 * @returns at least one key, in the order in which they would be negotiated
 * @throws RemoteAccessError `target-failed`, `target-timeout`, and whatever `open` throws
 */
export async function fetchHostKeys(fetch: HostKeyFetch): Promise<readonly HostKey[]> {
  const wanted = hostKeyAlgorithms([], fetch.legacyAlgorithms ?? false);
  const first = await exchangeKeys(fetch, wanted);
  const keys = [first.key];
  const others = wanted.filter(algorithm => first.offered.includes(algorithm));
  for (const type of new Set(others.map(keyTypeOf))) {
    if (keys.some(key => key.type === type)) continue;
    const ofType = others.filter(algorithm => keyTypeOf(algorithm) === type);
    keys.push((await exchangeKeys(fetch, ofType)).key);
  }
  return keys;
}

interface Exchange {
  readonly key: HostKey;
  /** All host key algorithms that the server offers. */
  readonly offered: readonly string[];
}

/** Runs the handshake up to the proof of the key, which precedes authentication. */
async function exchangeKeys(
  { open, endpoint, legacyAlgorithms = false, deadlineMs = EXCHANGE_DEADLINE_MS }: HostKeyFetch,
  serverHostKey: ServerHostKeyAlgorithm[],
): Promise<Exchange> {
  const socket = await open();
  const client = new Client();
  const greeting = new ServerGreeting();
  const offer = new ServerOffer();
  try {
    return await new Promise<Exchange>((resolve, reject) => {
      let key: HostKey | undefined;
      const deadline = setTimeout(
        () => reject(targetTimeout(endpoint, 'It did not present its host key in time.')),
        deadlineMs,
      );
      const fail = (cause: unknown): void => {
        const what = greeting.isSsh
          ? `It did not present its host key: ${(cause as Error).message}.`
          : greeting.describe();
        reject(targetFailed(endpoint, what, cause));
      };
      const guard = new ConnectionGuard(socket, reason => reject(targetFailed(endpoint, reason)));
      client.on('error', fail);
      client.once('close', () => {
        clearTimeout(deadline);
        fail(new Error('it ended the connection'));
      });
      // ssh2 emits this when the server has proved that it holds the key, before a service is
      // requested.
      client.once('handshake', () => {
        if (key) resolve({ key, offered: offer.algorithms?.hostKey ?? [] });
        else reject(targetFailed(endpoint, 'Its host key cannot be read.'));
        client.destroy();
      });
      client.connect({
        sock: socket,
        username: '',
        algorithms: { ...algorithmsFor(legacyAlgorithms), serverHostKey },
        hostVerifier: (blob: Buffer) => {
          key = HostKey.fromBlob(blob);
          return true;
        },
        readyTimeout: 0,
      });
      new Ssh2Internals(client).keepGreeting();
      socket.on('data', (chunk: Buffer) => {
        greeting.add(chunk);
        offer.add(chunk);
        if (greeting.isSsh) guard.identified();
        if (greeting.isOther) fail(new Error('it is not an SSH server'));
      });
    });
  } finally {
    client.on('error', ignoreAfterResult);
    socket.on('error', ignoreAfterResult);
    socket.destroy();
  }
}

function ignoreAfterResult(): void {
  // The outcome is known; later errors of the closing connection add nothing.
}
