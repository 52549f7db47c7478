import { once } from 'node:events';
import { WebSocket } from 'ws';
import { waitUntil } from './wait-until';

/** Where a process of Node listens for its inspector after SIGUSR1; one process at a time. */
const ADDRESS = 'http://127.0.0.1:9229/json';

/** What a first collection lets go of, a later one finds. */
const COLLECTIONS = 3;

/** Closing waits for whoever is connected, with the whole process; by then we have left. */
const CLOSE_LATER = `{
  const inspector = require('node:inspector');
  setTimeout(() => inspector.close(), 200);
}`;

interface InspectorMessage {
  readonly id?: number;
  readonly result?: { readonly result?: { readonly value?: unknown } };
  readonly method?: string;
  readonly params?: { readonly chunk?: string };
}

/** Looks into the memory of another process of Node, while it runs. */
export class NodeInspector {
  private readonly waiting = new Map<number, (answer: InspectorMessage) => void>();
  private lastId = 0;
  private snapshot: string[] = [];

  private constructor(private readonly socket: WebSocket) {
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as InspectorMessage;
      const { id, method, params } = message;
      if (method === 'HeapProfiler.addHeapSnapshotChunk') this.snapshot.push(params?.chunk ?? '');
      if (id === undefined) return;
      this.waiting.get(id)?.(message);
      this.waiting.delete(id);
    });
  }

  static async attach(pid: number): Promise<NodeInspector> {
    process.kill(pid, 'SIGUSR1');
    let url = '';
    await waitUntil(`process ${pid} has an inspector`, async () => {
      url = await inspectorUrl();
      return url !== '';
    });
    const socket = new WebSocket(url, { perMessageDeflate: false, maxPayload: 0 });
    await once(socket, 'open');
    return new NodeInspector(socket);
  }

  async collectGarbage(): Promise<void> {
    for (let count = 0; count < COLLECTIONS; count += 1) {
      await this.call('HeapProfiler.collectGarbage');
    }
  }

  /** @returns what an expression is there; something that JSON holds */
  async evaluate(expression: string): Promise<unknown> {
    const { result } = await this.call('Runtime.evaluate', { expression, returnByValue: true });
    return result?.result?.value;
  }

  /** @returns all objects and strings of the process, as Chromium's tools load them */
  async heapSnapshot(): Promise<string> {
    this.snapshot = [];
    await this.call('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
    return this.snapshot.join('');
  }

  /** Closes the inspector as well: the process is as before. */
  async detach(): Promise<void> {
    await this.call('Runtime.evaluate', { expression: CLOSE_LATER, includeCommandLineAPI: true });
    this.socket.close();
    await waitUntil('the inspector is closed', async () => (await inspectorUrl()) === '');
  }

  private call(method: string, params: object = {}): Promise<InspectorMessage> {
    this.lastId += 1;
    const id = this.lastId;
    return new Promise(resolve => {
      this.waiting.set(id, resolve);
      this.socket.send(JSON.stringify({ id, method, params }));
    });
  }
}

async function inspectorUrl(): Promise<string> {
  try {
    const [first] = (await (await fetch(ADDRESS)).json()) as { webSocketDebuggerUrl: string }[];
    return first?.webSocketDebuggerUrl ?? '';
  } catch {
    // Nobody listens.
    return '';
  }
}
