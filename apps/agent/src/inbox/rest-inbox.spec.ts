import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { NetworkRoute } from '@remote-access/network';
import { BackOff } from '@remote-access/streams';
import { CertificateAuthority, waitUntil } from '@remote-access/testkit';
import { accessWithPassword, VERSION } from '../platform/platform-access';
import type { ConnectTask } from './inbox';
import { TakenOperations } from './operations';
import { RestInbox } from './rest-inbox';

interface Message {
  channel: string;
  subscription?: string;
}

/** The platform's REST API, as far as the inbox uses it, under the control of a test. */
class FakePlatform {
  readonly calls: string[] = [];
  readonly puts: unknown[] = [];
  pending: object[] = [];
  executing: object[] = [];
  supportedOperations = ['c8y_RemoteAccessConnect'];
  protocols: readonly string[] | undefined;
  agent: object | undefined = { name: 'remote-access-agent', version: VERSION };
  /** Answers a request instead of the platform. @returns whether it did */
  interfere: (request: IncomingMessage, response: ServerResponse) => boolean = () => false;
  private held: ServerResponse | undefined;
  readonly server: Server = createServer((request, response) => {
    void this.serve(request, response);
  });

  async start(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Delivers messages in the response to the poll that is held, or to the next one. */
  async push(...operations: unknown[]): Promise<void> {
    await waitUntil('a poll is held', () => this.held !== undefined);
    const messages = operations.map(data => ({ channel: '/1001', data }));
    this.held!.end(JSON.stringify([...messages, { channel: '/meta/connect', successful: true }]));
    this.held = undefined;
  }

  async answerPoll(answer: object): Promise<void> {
    await waitUntil('a poll is held', () => this.held !== undefined);
    this.held!.end(JSON.stringify([answer]));
    this.held = undefined;
  }

  async dropPoll(): Promise<void> {
    await waitUntil('a poll is held', () => this.held !== undefined);
    this.held!.destroy();
    this.held = undefined;
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = request.url!;
    if (this.interfere(request, response)) return;
    if (url.startsWith('/identity/')) {
      this.calls.push(url);
      response.end(JSON.stringify({ managedObject: { id: '1001' } }));
    } else if (request.method === 'GET' && url.startsWith('/inventory/')) {
      const { supportedOperations: c8y_SupportedOperations, agent: c8y_Agent, protocols } = this;
      const c8y_RemoteAccessSupportedProtocols = protocols;
      response.end(
        JSON.stringify({ c8y_SupportedOperations, c8y_Agent, c8y_RemoteAccessSupportedProtocols }),
      );
    } else if (request.method === 'PUT') {
      this.puts.push({ url, ...((await json(request)) as object) });
      response.end('{}');
    } else if (url.startsWith('/devicecontrol/')) {
      const operations = url.includes('status=PENDING') ? this.pending : this.executing;
      this.calls.push(url);
      response.end(JSON.stringify({ operations }));
    } else {
      const [message] = (await json(request)) as Message[];
      this.calls.push(`${message!.channel} ${message!.subscription ?? ''}`.trim());
      if (message!.channel === '/meta/connect') {
        this.held = response;
        return;
      }
      response.end(
        JSON.stringify([{ channel: message!.channel, clientId: 'c', successful: true }]),
      );
    }
  }
}

const operation = (id: string, more: object = {}) => ({
  id,
  status: 'PENDING',
  deviceId: '1001',
  c8y_RemoteAccessConnect: { hostname: 'h', port: 22, connectionKey: `k${id}` },
  ...more,
});

describe('RestInbox', () => {
  let platform: FakePlatform;
  let inbox: RestInbox;
  let tasks: ConnectTask[];
  let logged: string[];
  const take = (task: ConnectTask): void => void tasks.push(task);
  const taken = () => tasks.map(({ id }) => id);

  beforeEach(async () => {
    platform = new FakePlatform();
    tasks = [];
    logged = [];
    inbox = new RestInbox(
      accessWithPassword(await platform.start(), { user: 't/d', password: 'p' }),
      { externalId: 'gw/1' },
      (event, fields) => logged.push(`${event} ${JSON.stringify(fields)}`),
      { backOff: new BackOff(500, () => -0.98) },
    );
  });
  afterEach(async () => {
    await inbox.close();
    await platform.stop();
  });

  it('adds its operation to those that the device supports', async () => {
    platform.supportedOperations = ['c8y_Restart'];
    platform.agent = undefined;
    await inbox.open(take);
    expect(platform.puts).toEqual([
      {
        url: '/inventory/managedObjects/1001',
        c8y_SupportedOperations: ['c8y_Restart', 'c8y_RemoteAccessConnect'],
        c8y_Agent: { name: 'remote-access-agent', version: VERSION },
      },
    ]);
  });

  it.each([
    ['is another program', { name: 'thin-edge.io', version: '1.5.0' }, []],
    ['is this one already', { name: 'remote-access-agent', version: VERSION }, []],
    [
      'is an older one of ours',
      { name: 'remote-access-agent', version: '0.0.1' },
      [expect.objectContaining({ c8y_Agent: { name: 'remote-access-agent', version: VERSION } })],
    ],
  ])('says which program it is, unless that %s', async (_what, agent, puts) => {
    platform.agent = agent;
    await inbox.open(take);
    expect(platform.puts).toEqual(puts);
  });

  it('removes the protocols of an earlier list if its own is empty', async () => {
    platform.protocols = ['SSH'];
    await inbox.open(take);
    expect(platform.puts).toEqual([
      { url: '/inventory/managedObjects/1001', c8y_RemoteAccessSupportedProtocols: null },
    ]);
  });

  it('finds its device, subscribes and then queries pending operations', async () => {
    platform.pending = [operation('1')];
    await inbox.open(take);
    expect(platform.calls.slice(0, 7)).toEqual([
      '/identity/externalIds/c8y_Serial/gw%2F1',
      '/meta/handshake',
      '/meta/subscribe /1001',
      '/devicecontrol/operations?deviceId=1001&status=PENDING&pageSize=2000',
      '/devicecontrol/operations?agentId=1001&status=PENDING&pageSize=2000',
      '/devicecontrol/operations?deviceId=1001&status=EXECUTING&pageSize=2000',
      '/devicecontrol/operations?agentId=1001&status=EXECUTING&pageSize=2000',
    ]);
    expect(tasks).toEqual([
      expect.objectContaining({ id: '1', hostname: 'h', port: 22, connectionKey: 'k1' }),
    ]);
  });

  it('takes each operation once, whether pushed or pending', async () => {
    platform.pending = [operation('1')];
    await inbox.open(take);
    await platform.push(operation('1'), operation('2'));
    await platform.push(operation('2'), operation('3'));
    await platform.dropPoll();
    platform.pending = [operation('3'), operation('4')];
    await waitUntil('the pending one is taken', () => tasks.length >= 4);
    expect(taken()).toEqual(['1', '2', '3', '4']);
  });

  it('takes pending operations of child devices as well, after every subscription', async () => {
    const ofChild = (id: string): object => operation(id, { deviceId: '1009' });
    platform.interfere = (request, response) => {
      if (!request.url!.includes('deviceId=')) return false;
      response.end('{"operations":[]}');
      return true;
    };
    platform.pending = [ofChild('1')];
    await inbox.open(take);
    platform.pending = [ofChild('1'), ofChild('2')];
    await platform.dropPoll();
    await waitUntil('the second one is taken', () => tasks.length >= 2);
    expect(taken()).toEqual(['1', '2']);
  });

  it('ignores everything but pending requests for tunnels', async () => {
    await inbox.open(take);
    await platform.push(
      { id: '7', status: 'PENDING', c8y_Restart: {} },
      operation('8', { status: 'EXECUTING' }),
      null,
      operation('9'),
    );
    await waitUntil('the tunnel is taken', () => tasks.length > 0);
    expect(taken()).toEqual(['9']);
    expect(platform.puts).toEqual([]);
  });

  it('skips what is not an operation, pushed or listed, and takes the next one (security)', async () => {
    const odd = [
      null,
      7,
      [],
      {},
      { id: '7', status: 'PENDING', c8y_RemoteAccessConnect: null },
      operation('\ud800'),
      operation('a/b'),
      { ...operation('6'), id: { toString: null } },
      { ...operation('6'), id: 6 },
    ];
    platform.pending = [...(odd as object[]), operation('1')];
    platform.executing = odd as object[];
    await inbox.open(take);
    await platform.push(...odd, operation('2'));
    await waitUntil('both are taken', () => tasks.length === 2);
    expect(taken()).toEqual(['1', '2']);
    expect(logged.filter(line => line.startsWith('not listening'))).toEqual([]);
  });

  it.each(['text', 5, true, [], {}])(
    'takes a request that is %j, so that it can be set FAILED (security)',
    async connect => {
      platform.pending = [operation('1', { c8y_RemoteAccessConnect: connect })];
      await inbox.open(take);
      expect(tasks).toMatchObject([
        { id: '1', hostname: undefined, port: undefined, connectionKey: undefined },
      ]);
    },
  );

  it.each(['null', '{}', '{"managedObject":null}', '{"managedObject":{"id":{"a":1}}}', '[]'])(
    'tries again when the platform answers %s for its identity (security)',
    async answer => {
      let asked = 0;
      platform.interfere = (request, response) => {
        if (!request.url!.startsWith('/identity/') || (asked += 1) > 1) return false;
        response.end(answer);
        return true;
      };
      platform.pending = [operation('1')];
      await inbox.open(take);
      expect(taken()).toEqual(['1']);
      expect(asked).toBe(2);
    },
  );

  it('subscribes again after the platform has forgotten the client', async () => {
    await inbox.open(take);
    await platform.answerPoll({ channel: '/meta/connect', successful: false, error: '402::x' });
    await platform.push(operation('1'));
    await waitUntil('the operation is taken', () => tasks.length > 0);
    expect(platform.calls.filter(call => call === '/meta/handshake')).toHaveLength(2);
    expect(logged.some(line => /not listening .*402::x/.test(line))).toBe(true);
  });

  it('pauses between two polls if the platform advises it', async () => {
    await inbox.open(take);
    const advice = { interval: 30 };
    await platform.answerPoll({ channel: '/meta/connect', successful: true, advice });
    const answeredMs = performance.now();
    await platform.push(operation('1'));
    expect(performance.now() - answeredMs).toBeGreaterThan(28);
  });

  it('retries with growing delays while the platform fails', async () => {
    let failures = 3;
    platform.interfere = (_request, response) => {
      if (failures === 0) return false;
      failures -= 1;
      response.writeHead(401, { 'content-type': 'application/json' });
      response.end('{"message":"Invalid credentials!"}');
      return true;
    };
    await inbox.open(take);
    const waits = logged.filter(line => line.startsWith('not listening'));
    expect(waits).toEqual(
      [5, 10, 20].map(
        nextTryInMs =>
          `not listening ${JSON.stringify({
            reason: 'the platform answered 401: Invalid credentials!',
            nextTryInMs,
          })}`,
      ),
    );
  });

  it.each([
    ['for another name', { subjectAltName: 'DNS:other.test' }, 'for other names: DNS:other.test'],
    ['that has expired', { subjectAltName: 'IP:127.0.0.1', days: -1 }, 'that has expired'],
    [
      'that is not valid yet',
      { subjectAltName: 'IP:127.0.0.1', startsInDays: 1 },
      'that is not valid yet, or the clock of this machine is wrong',
    ],
  ])('names a certificate %s', async (_what, wanted, reason) => {
    const authority = new CertificateAuthority();
    const { certificate, key } = authority.issue({ commonName: 'platform', ...wanted });
    const server = createSecureServer({ cert: certificate, key }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const told: string[] = [];
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const route = new NetworkRoute({ caFile: authority.certificatePath });
    const away = new RestInbox(
      accessWithPassword(url, { user: 't/d', password: 'p' }, route),
      { externalId: 'gw-1' },
      (_event, fields) => told.push(String(fields?.['reason'])),
    );
    void away.open(take);
    await waitUntil('it has told', () => told.length > 0);
    await away.close();
    server.close();
    authority.remove();
    expect(told[0]).toContain(`the platform has a certificate ${reason}`);
  });

  it('fails the operations that a previous agent had started', async () => {
    platform.executing = [
      operation('5', { status: 'EXECUTING' }),
      { id: '6', status: 'EXECUTING', c8y_Restart: {} },
    ];
    await inbox.open(take);
    await waitUntil('it is reported', () => platform.puts.length > 0);
    await platform.dropPoll();
    await platform.push(operation('9'));
    await waitUntil('it listens again', () => tasks.length > 0);
    expect(platform.puts).toEqual([
      {
        url: '/devicecontrol/operations/5',
        status: 'FAILED',
        failureReason: "the gateway's agent was restarted",
      },
    ]);
  });

  it('reports the statuses of an operation in order, however slow the first is', async () => {
    platform.pending = [operation('1')];
    const puts: string[] = [];
    let release!: () => void;
    const held = new Promise<void>(resolve => (release = resolve));
    platform.interfere = (request, response) => {
      if (request.method !== 'PUT') return false;
      void (async () => {
        const { status } = (await json(request)) as { status: string };
        if (status === 'EXECUTING') await held;
        puts.push(status);
        response.end('{}');
      })();
      return true;
    };
    await inbox.open(take);
    const reports = [tasks[0]!.executing(), tasks[0]!.successful()];
    release();
    await Promise.all(reports);
    expect(puts).toEqual(['EXECUTING', 'SUCCESSFUL']);
  });

  it('reports a status again if the platform fails, but not if it refuses', async () => {
    platform.pending = [operation('1')];
    const answers = [503, 200, 422, 200];
    platform.interfere = (request, response) => {
      if (request.method !== 'PUT') return false;
      response.writeHead(answers.shift()!).end('{"message":"no"}');
      return true;
    };
    await inbox.open(take);
    await tasks[0]!.executing();
    await expect(tasks[0]!.successful()).rejects.toThrow('the platform answered 422: no');
    await tasks[0]!.failed('x');
    expect(answers).toEqual([]);
  });

  it('finishes reports while it is being closed', async () => {
    platform.pending = [operation('1')];
    await inbox.open(take);
    const report = tasks[0]!.failed('stopped');
    await inbox.close();
    await report;
    expect(platform.puts).toMatchObject([{ status: 'FAILED', failureReason: 'stopped' }]);
    expect(platform.calls.at(-1)).toBe('/meta/disconnect');
  });

  it('can be closed while the platform cannot be reached', async () => {
    platform.interfere = request => {
      request.socket.destroy();
      return true;
    };
    const opened = inbox.open(take);
    await waitUntil('it has tried', () => logged.length > 0);
    await inbox.close();
    await opened;
  });
});

describe('TakenOperations', () => {
  it('accepts each operation once', () => {
    const taken = new TakenOperations();
    expect([taken.add('1'), taken.add('2'), taken.add('1')]).toEqual([true, true, false]);
  });

  it('forgets the oldest operations', () => {
    const taken = new TakenOperations();
    for (let i = 0; i <= 10_000; i += 1) taken.add(String(i));
    expect([taken.add('10000'), taken.add('1'), taken.add('0')]).toEqual([false, false, true]);
  });
});
