import { readFileSync } from 'node:fs';
import { Client } from 'ssh2';

/** Tells the process which server to connect to and how many clients to add. */
export interface IdleClientsOrder {
  readonly port: number;
  readonly userName: string;
  readonly keyFile: string;
  readonly count: number;
  readonly atOnce: number;
}

/** A separate process with only ssh2 clients, each with an idle terminal. */
function main(): void {
  const clients: Client[] = [];
  process.on('message', (order: IdleClientsOrder | 'close') => {
    if (order === 'close') for (const client of clients.splice(0)) client.end();
    else void openAll(order, clients).then(() => process.send?.('open'));
  });
  process.on('disconnect', () => process.exit());
  process.send?.('ready');
}

async function openAll(order: IdleClientsOrder, clients: Client[]): Promise<void> {
  const { count, atOnce } = order;
  for (let at = 0; at < count; at += atOnce) {
    const opening = Array.from({ length: atOnce }, () => open(order));
    clients.push(...(await Promise.all(opening)));
  }
}

function open({ port, userName, keyFile }: IdleClientsOrder): Promise<Client> {
  return new Promise((resolve, reject) => {
    const client = new Client();
    client.on('error', reject);
    client.on('ready', () => {
      client.shell({ term: 'xterm-256color' }, (cause, channel) => {
        if (cause) return reject(cause);
        // The prompt; no more output follows.
        channel.once('data', () => resolve(client));
        return channel.resume();
      });
    });
    client.connect({
      host: '127.0.0.1',
      port,
      username: userName,
      privateKey: readFileSync(keyFile),
      keepaliveInterval: 30_000,
    });
  });
}

main();
