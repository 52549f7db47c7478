import type { Duplex } from 'node:stream';
import { Client, type ServerHostKeyAlgorithm } from 'ssh2';
import { algorithmsFor, hostKeyAlgorithms, keyTypeOf } from './algorithms';
import { HostKey } from '@remote-access/ssh-keys';
import { ServerGreeting } from './server-greeting';
import { ServerOffer } from './server-offer';
import type { SshEndpoint } from './ssh-endpoint';
import { targetFailed, targetTimeout } from './ssh-texts';

/** For one exchange of keys, over however many hops. */
const EXCHANGE_DEADLINE_MS = 15_000;

export interface HostKeyFetch {
  /** A fresh connection to the server; asked for once per type of key, one after the other. */
  readonly open: () => Promise<Duplex>;
  readonly endpoint: SshEndpoint;
  /** Whether keys of weak algorithms are asked for too; `false` by default. */
  readonly legacyAlgorithms?: boolean;
  readonly deadlineMs?: number;
}

/**
 * Asks a server for its host keys, one of each type that it offers. It proves that it has them;
 * nobody signs in, and no name of a user is sent.
 *
 * @returns at least one, in the order in which they would be taken
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
  /** Names of all host key algorithms that the server offers. */
  readonly offered: readonly string[];
}

/** Goes as far as the proof of the key, which comes before anything about users. */
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
        () => reject(targetTimeout(endpoint, 'It did not show its host key in time.')),
        deadlineMs,
      );
      const fail = (cause: unknown): void => {
        const what = greeting.isSsh
          ? `It does not show its host key: ${(cause as Error).message}.`
          : greeting.describe();
        reject(targetFailed(endpoint, what, cause));
      };
      client.once('error', fail);
      client.once('close', () => {
        clearTimeout(deadline);
        fail(new Error('it ended the connection'));
      });
      // Told when the server has proved that it has the key, and before a service is asked for.
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
      socket.on('data', (chunk: Buffer) => {
        greeting.add(chunk);
        offer.add(chunk);
        if (greeting.isOther) fail(new Error('it is no SSH server'));
      });
    });
  } finally {
    client.on('error', ignoreAfterwards);
    socket.on('error', ignoreAfterwards);
    socket.destroy();
  }
}

function ignoreAfterwards(): void {
  // The key is known, or why it is not; what the dying connection adds says nothing new.
}
