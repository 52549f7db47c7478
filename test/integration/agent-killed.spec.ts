import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Operation } from '@remote-access/contracts/platform';
import {
  closedPort,
  tcpTarget,
  temporaryFolder,
  waitUntil,
  type TcpTarget,
} from '@remote-access/testkit';
import { WebSocketServer } from 'ws';
import { ProgramProcess } from '../fixtures/program-process';
import { basic, PASSWORD } from '../fixtures/stack';

jest.setTimeout(120_000);

/**
 * Between the agent and a part of the platform. It passes everything on until the agent sends what
 * matches, and nothing from then on: the agent stays in that step.
 */
class Gate {
  isHolding = false;
  private step: RegExp | undefined;

  private constructor(readonly target: TcpTarget) {}

  static async before(url: string): Promise<Gate> {
    const { port } = new URL(url);
    const gate: Gate = new Gate(
      await tcpTarget(near => {
        const far = connect(Number(port), '127.0.0.1');
        near.on('data', (chunk: Buffer) => {
          gate.isHolding ||= gate.step?.test(chunk.toString('latin1')) ?? false;
          if (!gate.isHolding) far.write(chunk);
        });
        far.pipe(near);
        near.once('close', () => far.destroy());
        far.on('error', () => near.destroy()).once('close', () => near.destroy());
      }),
    );
    return gate;
  }

  holdAt(step: RegExp | undefined): void {
    this.step = step;
    this.isHolding = false;
  }
}

const folder = temporaryFolder('agent-killed');
const service = createServer();
const sessions = new WebSocketServer({ server: service });
let emulator: ProgramProcess;
let platform: string;
let rest: Gate;
let broker: Gate;
let target: TcpTarget;
let agent: ProgramProcess | undefined;

beforeAll(async () => {
  service.listen(0, '127.0.0.1');
  await once(service, 'listening');
  const { port } = service.address() as AddressInfo;
  emulator = await ProgramProcess.start('emulator', { PASSWORD }, /^\{"ready"/, [
    ...['--port', '0', '--mqtt-port', '0', '--microservice-url', `http://127.0.0.1:${port}`],
  ]);
  const { ready, mqtt } = JSON.parse(emulator.lines[0]!) as { ready: string; mqtt: string };
  platform = ready;
  [rest, broker, target] = await Promise.all([Gate.before(ready), Gate.before(mqtt), tcpTarget()]);
});
afterEach(async () => {
  await agent?.end('SIGKILL');
});
afterAll(async () => {
  await emulator.end();
  await Promise.all([rest.target.stop(), broker.target.stop(), target.stop()]);
  sessions.close();
  service.closeAllConnections();
  await once(service.close(), 'close');
  folder.remove();
});

const start = async (transport: string): Promise<void> => {
  const file = join(folder.path, 'agent.toml');
  const lines = [
    `platform.url = "http://127.0.0.1:${rest.target.port}"`,
    'device.external_id = "gw-1"',
    'device.user = "t1001/device_gw-1"',
    `device.password = "${PASSWORD}"`,
    `transport.type = "${transport}"`,
    `transport.mqtt_url = "mqtt://127.0.0.1:${broker.target.port}"`,
  ];
  writeFileSync(file, lines.join('\n'), { mode: 0o600 });
  agent = await ProgramProcess.start('agent', {}, /"event":"ready"/, ['--settings', file]);
};

const call = async <Body>(path: string, init: RequestInit = {}): Promise<Body> => {
  const response = await fetch(new URL(path, platform), {
    ...init,
    headers: { authorization: basic('admin'), 'content-type': 'application/json' },
  });
  return (await response.json()) as Body;
};

/** What the agent sends in each step, as JSON or as a row, and the status in which a kill leaves the operation. */
const STEPS: readonly [step: string, sends: RegExp | undefined, left: string][] = [
  ['has the operation, but has not reported it', /"EXECUTING"|50[14],/, 'PENDING'],
  ['connects to the service', /^GET \/service\/remoteaccess\/device\//, 'EXECUTING'],
  ['is connected at both ends, but has not reported it', /"SUCCESSFUL"|50[36],/, 'EXECUTING'],
  ['was refused by the target, but has not reported it', /"FAILED"|50[25],/, 'EXECUTING'],
  ['carries a session', undefined, 'SUCCESSFUL'],
];

describe.each(['rest', 'mqtt'])('an agent over %s that is killed when it', transport => {
  it.each(STEPS)('%s leaves no operation open once it is back', async (step, sends, left) => {
    await start(transport);
    for (const gate of [rest, broker]) gate.holdAt(sends);
    const { id } = await call<Operation>('/devicecontrol/operations', {
      method: 'POST',
      body: JSON.stringify({
        deviceId: '1001',
        c8y_RemoteAccessConnect: {
          hostname: '127.0.0.1',
          port: step.includes('refused') ? await closedPort() : target.port,
          connectionKey: randomUUID(),
        },
      }),
    });
    const operation = (): Promise<Operation> => call(`/devicecontrol/operations/${id}`);
    const isInStep = async (): Promise<boolean> =>
      sends ? rest.isHolding || broker.isHolding : (await operation()).status === left;
    await waitUntil(`it ${step}`, isInStep);
    await waitUntil(`${id} is ${left}`, async () => (await operation()).status === left);
    await agent!.end('SIGKILL');
    expect(await operation()).toMatchObject({ status: left });

    for (const gate of [rest, broker]) gate.holdAt(undefined);
    await start(transport);
    await waitUntil('it has ended', async () =>
      ['SUCCESSFUL', 'FAILED'].includes((await operation()).status),
    );
    if (left === 'EXECUTING') {
      const { failureReason } = await operation();
      expect(failureReason).toBe("the gateway's agent was restarted");
    }
  });
});
