import { tcpTarget, type TcpTarget } from '@remote-access/testkit';
import { accessWithPassword } from '../platform/platform-access';
import { TargetDialler } from '../targets/target-dialler';
import { RateLimit } from './rate-limit';
import { RelayDialler } from './relay-dialler';
import { Tunnel, type TunnelDependencies } from './tunnel';
import { FakeRelay, FakeTask } from './tunnel.fixture';

describe('a tunnel', () => {
  let relay: FakeRelay;
  let target: TcpTarget;
  const toolsWith = (more: Partial<TunnelDependencies>): TunnelDependencies => ({
    relays: new RelayDialler(accessWithPassword(relay.url, { user: 'u', password: 'p' })),
    targets: new TargetDialler({ allow: [], deny: [] }),
    log: () => undefined,
    ...more,
  });

  beforeEach(async () => {
    relay = await FakeRelay.start();
    target = await tcpTarget();
  });
  afterEach(async () => {
    await target.stop();
    await relay.stop();
  });

  it('that is refused consent connects to nothing', async () => {
    const task = new FakeTask('1', target.port);
    await new Tunnel(task, toolsWith({ consent: () => Promise.resolve('not now') })).run();
    expect(task.states).toEqual(['EXECUTING', 'FAILED not now']);
    expect([relay.requests, target.connections]).toEqual([[], []]);
  });

  it('ends at its maximum duration, with the reason', async () => {
    const arrival = relay.arrival('key-1');
    const tools = toolsWith({ limits: { sessionSeconds: 1 } });
    const run = new Tunnel(new FakeTask('1', target.port), tools).run();
    const socket = await arrival;
    const reason = new Promise(resolve =>
      socket.once('close', (_code, text: Buffer) => resolve(text.toString())),
    );
    expect(await reason).toBe("the gateway's limit of 1 seconds per session was reached");
    await run;
  });

  it('transfers no more bytes per second than allowed, and all of them', async () => {
    const arrival = relay.arrival('key-1');
    const paused: number[] = [];
    const rate = new RateLimit(2_000_000);
    const take = rate.take.bind(rate);
    rate.take = bytes => {
      paused.push(take(bytes));
      return paused.at(-1)!;
    };
    const tunnel = new Tunnel(new FakeTask('1', target.port), toolsWith({ rate }));
    const run = tunnel.run();
    const socket = await arrival;
    let received = 0;
    const all = new Promise<void>(resolve =>
      socket.on('message', chunk => {
        received += (chunk as Buffer).length;
        if (received === 1_000_000) resolve();
      }),
    );
    for (let i = 0; i < 100; i += 1) socket.send(Buffer.alloc(10_000));
    await all;
    expect(Math.max(...paused)).toBeGreaterThan(0);
    expect(tunnel.view()).toMatchObject({ toTargetBytes: 1e6, fromTargetBytes: 1e6 });
    socket.close();
    await run;
  });
});
