import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startAgent, type Agent } from '@remote-access/agent';
import { Emulator } from '@remote-access/emulator';
import { closedPort, tcpTarget, waitUntil, type TcpTarget } from '@remote-access/testkit';
import { presentRelease, previousRelease, type Release } from '../fixtures/releases';
import { basic, GATEWAY, PASSWORD } from '../fixtures/stack';

const PAGE_PROGRAM = join(__dirname, '..', 'fixtures', 'page-program.mjs');

const PAGE_TIMEOUT_MS = 60_000;

/** What the page reports to have seen. */
interface Seen {
  readonly settings: string[];
  readonly names: string[];
  readonly changed: string;
  readonly session: {
    readonly phases: string[];
    readonly users: string[];
    readonly state: { readonly phase: string };
  };
  readonly removal: unknown;
}

describe('services and pages one release apart, each in its own process', () => {
  let releases: Record<'0.1.0' | 'present', Release>;
  let emulator: Emulator;
  let agent: Agent;
  let target: TcpTarget;
  let service: ChildProcess | undefined;
  let servicePort: number;

  beforeAll(async () => {
    releases = { '0.1.0': previousRelease(), present: presentRelease() };
    servicePort = await closedPort();
    emulator = await Emulator.start({ password: PASSWORD });
    target = await tcpTarget(socket => {
      socket.write('hello\r\n');
      socket.pipe(socket);
    });
    agent = await startAgent(
      {
        baseUrl: emulator.url,
        user: 't1001/device_gw-1',
        password: PASSWORD,
        externalId: 'gw-1',
      },
      { log: () => undefined },
    );
  }, 120_000);
  afterEach(async () => {
    if (service?.exitCode === null) {
      const ended = once(service, 'exit');
      service.kill('SIGTERM');
      await ended;
    }
  });
  afterAll(async () => {
    await agent?.stop();
    await target?.stop();
    await emulator?.stop();
  });

  async function startService({ service: program }: Release): Promise<void> {
    let output = '';
    service = spawn(process.execPath, [program], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        PATH: process.env['PATH'],
        SERVER_PORT: String(servicePort),
        SERVER_HOST: '127.0.0.1',
        C8Y_BASEURL: emulator.url,
        C8Y_BOOTSTRAP_TENANT: 'management',
        C8Y_BOOTSTRAP_USER: 'servicebootstrap_cloud-remote-access',
        C8Y_BOOTSTRAP_PASSWORD: PASSWORD,
        TRUSTED_PROXIES: '127.0.0.1',
      },
    });
    service.stdout!.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await waitUntil('the service is ready', () => output.includes('"message":"ready"'), 60_000);
    emulator.routeMicroservice(`http://127.0.0.1:${servicePort}`);
  }

  async function useAsPage({ page }: Release): Promise<Seen> {
    const args = [page, emulator.url, basic('engineer'), GATEWAY, String(target.port)];
    const { stdout } = await promisify(execFile)(process.execPath, [PAGE_PROGRAM, ...args], {
      timeout: PAGE_TIMEOUT_MS,
    });
    return JSON.parse(stdout) as Seen;
  }

  it.each([
    ['present', '0.1.0'],
    ['0.1.0', 'present'],
  ] as const)(
    'the page of %s keeps endpoints and uses one with the service of %s',
    async (page, of) => {
      await startService(releases[of]);
      const seen = await useAsPage(releases[page]);
      expect(seen).toMatchObject({
        names: ['Line 2'],
        changed: 'Line 2',
        session: { users: ['engineer'], state: { phase: 'ended' } },
        removal: null,
      });
      expect(seen.session.phases).toEqual(expect.arrayContaining(['connecting', 'open', 'ended']));
      expect(seen.settings).toEqual(expect.arrayContaining(['hostKeyAutosave', 'notice']));
    },
    120_000,
  );
});
