import { readFileSync } from 'node:fs';
import { Client, type ClientChannel } from 'ssh2';

/** What the process is told: to which server, and how many clients it opens besides. */
export interface IdleClientsOrder {
  readonly port: number;
  readonly userName: string;
  readonly keyFile: string;
  readonly count: number;
  readonly atOnce: number;
}

/** A process of its own with nothing but clients of ssh2, each with a terminal in which nobody types. */
function main(): void {
  const channels: ClientChannel[] = [];
  process.on('message', (order: IdleClientsOrder) => {
    void openAll(order, channels).then(() => process.send?.('open'));
  });
  process.on('disconnect', () => process.exit());
  process.send?.('ready');
}

async function openAll(order: IdleClientsOrder, channels: ClientChannel[]): Promise<void> {
  const { count, atOnce } = order;
  for (let at = 0; at < count; at += atOnce) {
    const opening = Array.from({ length: atOnce }, () => open(order));
    channels.push(...(await Promise.all(opening)));
  }
}

function open({ port, userName, keyFile }: IdleClientsOrder): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    const client = new Client();
    client.on('error', reject);
    client.on('ready', () => {
      client.shell({ term: 'xterm-256color' }, (cause, channel) => {
        if (cause) return reject(cause);
        // The prompt, after which it is silent.
        channel.once('data', () => resolve(channel));
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
