import { once } from 'node:events';
import { waitUntil } from '@remote-access/testkit';
import { WebSocket } from 'ws';

/** Where a process of Node listens for its inspector after SIGUSR1. */
const INSPECTOR = 'http://127.0.0.1:9229/json';

/** What a first collection lets go of, a second one finds. */
const COLLECTIONS = 3;

const MEMORY = `(() => {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
})()`;

/** Closing waits for whoever is connected, with the whole process; by then we have left. */
const CLOSE_LATER = `{
  const inspector = require('node:inspector');
  setTimeout(() => inspector.close(), 200);
}`;

interface Answer {
  readonly id?: number;
  readonly result?: { readonly result?: { readonly value?: unknown } };
}

/**
 * What a process of Node holds in memory and cannot do without, in bytes: all that is garbage is
 * collected first. What it has of the system is more, by what it has not given back yet.
 */
export async function liveBytes(pid: number): Promise<number> {
  process.kill(pid, 'SIGUSR1');
  let url = '';
  await waitUntil(`process ${pid} has an inspector`, async () => {
    url = await inspectorUrl();
    return url !== '';
  });
  const socket = new WebSocket(url, { perMessageDeflate: false });
  await once(socket, 'open');
  let lastId = 0;
  const call = async (method: string, params: object = {}): Promise<unknown> => {
    lastId += 1;
    socket.send(JSON.stringify({ id: lastId, method, params }));
    for (;;) {
      const [text] = (await once(socket, 'message')) as [Buffer];
      const { id, result } = JSON.parse(text.toString()) as Answer;
      if (id === lastId) return result?.result?.value;
    }
  };
  for (let count = 0; count < COLLECTIONS; count += 1) await call('HeapProfiler.collectGarbage');
  const bytes = await call('Runtime.evaluate', { expression: MEMORY, returnByValue: true });
  await call('Runtime.evaluate', { expression: CLOSE_LATER, includeCommandLineAPI: true });
  socket.close();
  await waitUntil('its inspector is closed', async () => (await inspectorUrl()) === '');
  return bytes as number;
}

async function inspectorUrl(): Promise<string> {
  try {
    const [first] = (await (await fetch(INSPECTOR)).json()) as { webSocketDebuggerUrl: string }[];
    return first?.webSocketDebuggerUrl ?? '';
  } catch {
    // Nobody listens.
    return '';
  }
}
