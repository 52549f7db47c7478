import { once } from 'node:events';
import { WebSocket } from 'ws';
import { isListening } from './sockets/tcp-target';
import { waitUntil } from './wait-until';

/** Objects that become unreachable only in the first collection are freed by a later one. */
const COLLECTIONS = 3;

/**
 * Closing blocks the whole process until every client has disconnected, so it happens after we
 * have.
 */
const CLOSE_LATER = `{
  const inspector = require('node:inspector');
  setTimeout(() => inspector.close(), 200);
}`;

interface InspectorMessage {
  readonly id?: number;
  readonly result?: {
    readonly result?: { readonly value?: unknown; readonly objectId?: string };
    /** The result of `Runtime.queryObjects`. */
    readonly objects?: { readonly objectId?: string };
  };
  readonly method?: string;
  readonly params?: { readonly chunk?: string };
}

/**
 * Looks into the memory of another Node process while it runs. That process was started with
 * `--inspect-port=0`, so that its inspector takes a free port and says which on stderr.
 */
export class NodeInspector {
  private readonly waiting = new Map<number, (answer: InspectorMessage) => void>();
  private lastId = 0;
  private snapshot: string[] = [];

  private constructor(
    private readonly socket: WebSocket,
    private readonly url: string,
  ) {
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as InspectorMessage;
      const { id, method, params } = message;
      if (method === 'HeapProfiler.addHeapSnapshotChunk') this.snapshot.push(params?.chunk ?? '');
      if (id === undefined) return;
      this.waiting.get(id)?.(message);
      this.waiting.delete(id);
    });
  }

  /** @param stderr returns everything that the process has written to stderr so far */
  static async attach(pid: number, stderr: () => string): Promise<NodeInspector> {
    const before = inspectorUrls(stderr()).length;
    process.kill(pid, 'SIGUSR1');
    let url = '';
    await waitUntil(`the inspector of process ${pid} listens`, () => {
      url = inspectorUrls(stderr())[before] ?? '';
      return url !== '';
    });
    const socket = new WebSocket(url, { perMessageDeflate: false, maxPayload: 0 });
    await once(socket, 'open');
    return new NodeInspector(socket, url);
  }

  async collectGarbage(): Promise<void> {
    for (let count = 0; count < COLLECTIONS; count += 1) {
      await this.call('HeapProfiler.collectGarbage');
    }
  }

  /** @returns the value of an expression in that process; must be serializable as JSON */
  async evaluate(expression: string): Promise<unknown> {
    const { result } = await this.call('Runtime.evaluate', { expression, returnByValue: true });
    return result?.result?.value;
  }

  /**
   * Reads something from every instance of a class that a loaded CommonJS module exports.
   * @param read an arrow function from an instance to a JSON-serializable value
   */
  async instancesOf(className: string, read: string): Promise<unknown[]> {
    const expression = `Object.values(require.cache)
      .map(module => module.exports?.${className}?.prototype)
      .find(prototype => prototype !== undefined)`;
    const found = await this.call('Runtime.evaluate', { expression, includeCommandLineAPI: true });
    const prototypeObjectId = found.result?.result?.objectId;
    if (prototypeObjectId === undefined) throw new Error(`No module exports ${className}`);
    const { result } = await this.call('Runtime.queryObjects', { prototypeObjectId });
    const values = await this.call('Runtime.callFunctionOn', {
      objectId: result?.objects?.objectId,
      functionDeclaration: `function () { return this.map(${read}); }`,
      returnByValue: true,
    });
    return values.result?.result?.value as unknown[];
  }

  /** @returns all objects and strings of the process, in the format of Chromium's tools */
  async heapSnapshot(): Promise<string> {
    this.snapshot = [];
    await this.call('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
    return this.snapshot.join('');
  }

  /** Also closes the inspector, which restores the process to its previous state. */
  async detach(): Promise<void> {
    await this.call('Runtime.evaluate', { expression: CLOSE_LATER, includeCommandLineAPI: true });
    this.socket.close();
    const port = Number(new URL(this.url).port);
    await waitUntil('the inspector is closed', async () => !(await isListening(port)));
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

function inspectorUrls(stderr: string): string[] {
  return [...stderr.matchAll(/^Debugger listening on (ws:\S+)$/gm)].map(([, url = '']) => url);
}
