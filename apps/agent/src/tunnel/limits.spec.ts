import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder, tcpTarget, type TcpTarget } from '@remote-access/testkit';
import { accessWithPassword } from '../platform/platform-access';
import { TargetDialler } from '../targets/target-dialler';
import { askForConsent } from './consent';
import { RateLimit } from './rate-limit';
import { RelayDialler } from './relay-dialler';
import { Tunnel, type TunnelDependencies } from './tunnel';
import { FakeRelay, FakeTask } from './tunnel.fixture';

describe('RateLimit', () => {
  it('allows the average rate, and a short burst after a pause', () => {
    let nowMs = 0;
    const rate = new RateLimit(1_000, () => nowMs);
    expect(rate.take(100)).toBe(100);
    nowMs += 100;
    expect(rate.take(50)).toBe(50);
    nowMs += 10_000;
    expect(rate.take(250)).toBe(0);
    expect(rate.take(100)).toBe(100);
  });
});

describe('askForConsent', () => {
  const folder = temporaryFolder('consent');
  afterAll(() => folder.remove());
  const target = { host: '10.0.0.5', port: 22 };
  const ask = (script: string, timeoutSeconds = 20, signal = new AbortController().signal) => {
    const path = join(folder.path, 'ask');
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o700);
    const settings = { command: [path, 'an argument'], timeoutSeconds };
    return askForConsent(settings, { target, operationId: '7' }, signal);
  };

  it('consents on exit code 0', async () => {
    const checks = '[ "$TARGET_HOST:$TARGET_PORT $OPERATION_ID $1" = "10.0.0.5:22 7 an argument" ]';
    expect(await ask(checks)).toBeUndefined();
  });

  it('refuses on any other exit code, and passes on the first line', async () => {
    expect(await ask('exit 3')).toBe('the gateway did not consent');
    expect(await ask('echo "maintenance\tuntil 4 pm"; echo more; exit 1')).toBe(
      'the gateway did not consent: maintenance until 4 pm',
    );
    expect(await ask('kill -9 $$')).toBe('the gateway did not consent');
  });

  it('treats no answer as a refusal, and ends the program and its children', async () => {
    expect(await ask('sleep 60 & wait', 1)).toMatch(/did not answer within 1 s/);
  });

  it('does not wait for a child that keeps the output open', async () => {
    expect(await ask('sleep 60 & exit 0')).toBeUndefined();
  });

  it('refuses if the program cannot be started', async () => {
    const settings = { command: ['/no/such/program'], timeoutSeconds: 20 };
    const request = { target, operationId: '7' };
    const { signal } = new AbortController();
    expect(await askForConsent(settings, request, signal)).toMatch(/could not be started/);
  });

  it('security: shows the program no credentials', async () => {
    process.env['DEVICE_PASSWORD'] = 'open sesame';
    try {
      expect(await ask('env | grep -q sesame && exit 1; exit 0')).toBeUndefined();
    } finally {
      delete process.env['DEVICE_PASSWORD'];
    }
  });
});

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
