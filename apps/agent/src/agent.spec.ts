import { copyFileSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CertificateAuthority,
  tcpTarget,
  temporaryFolder,
  type TemporaryFolder,
  waitUntil,
} from '@remote-access/testkit';
import { startAgent, type Agent } from './agent';
import { MqttInbox } from './inbox/mqtt-inbox';
import { ScriptedBroker } from './inbox/scripted-broker.fixture';
import type { AgentSettings } from './settings/agent-settings';
import { StatusServer } from './status/status-server';
import { TunnelRegistry } from './tunnel/tunnel-registry';

describe('an agent, on reload', () => {
  const authority = new CertificateAuthority();
  const server = authority.issue({ commonName: 'platform', subjectAltName: 'IP:127.0.0.1' });
  let folder: TemporaryFolder;
  let broker: ScriptedBroker;
  let settings: AgentSettings;
  let agent: Agent;
  let logged: string[];

  /** Puts a certificate, or only its key or certificate, where the settings expect it. */
  const install = (...kinds: ('certificate' | 'key')[]): string => {
    const device = authority.issue({ commonName: 'gw-1' });
    for (const kind of kinds) {
      copyFileSync(device[`${kind}Path`], join(folder.path, `device.${kind}`));
    }
    return device.certificate;
  };

  beforeEach(async () => {
    folder = temporaryFolder('renewal');
    broker = await ScriptedBroker.start({
      cert: server.certificate,
      key: server.key,
      requestCert: true,
      rejectUnauthorized: false,
    });
    logged = [];
    writeFileSync(join(folder.path, 'ca.pem'), authority.certificate);
    settings = {
      baseUrl: 'http://127.0.0.1:9',
      externalId: 'gw-1',
      transport: 'mqtt',
      mqttUrl: broker.url,
      network: {
        caFile: join(folder.path, 'ca.pem'),
        certificateFile: join(folder.path, 'device.certificate'),
        keyFile: join(folder.path, 'device.key'),
      },
    };
  });
  afterEach(async () => {
    await agent.stop();
    await broker.stop();
    folder.remove();
  });
  afterAll(() => authority.remove());

  const start = async (): Promise<void> => {
    agent = await startAgent(settings, { log: event => void logged.push(event) });
  };

  it('signs in with the renewed certificate, which has the same path', async () => {
    const first = install('certificate', 'key');
    await start();
    const second = install('certificate', 'key');
    await agent.reload(settings);
    await waitUntil('signed in again', () => broker.connections === 2);
    expect(broker.certificates).toEqual([first, second].map(pem => pem.replace(/\s/g, '')));
  });

  it('keeps its connection if the files are the same', async () => {
    install('certificate', 'key');
    await start();
    await agent.reload({ ...settings, limits: { sessions: 3 } });
    expect(broker.connections).toBe(1);
    expect(agent.status().maxSessions).toBe(3);
  });

  it('shows the limit that applies, not a larger one of the settings', async () => {
    install('certificate', 'key');
    settings = { ...settings, limits: { sessions: 1_000 } };
    await start();
    expect(agent.status().maxSessions).toBe(400);
  });

  it('opens each connection once if two reloads overlap', async () => {
    install('certificate', 'key');
    const open = jest.spyOn(MqttInbox.prototype, 'open');
    await start();
    await Promise.all([
      agent.reload({ ...settings, deviceName: 'Press 1' }),
      agent.reload({ ...settings, deviceName: 'Press 2' }),
    ]);
    const { contexts } = open.mock;
    open.mockRestore();
    expect(contexts).toHaveLength(3);
    expect(new Set(contexts).size).toBe(3);
    expect(broker.published.filter(row => row.includes('Press')).at(-1)).toContain('Press 2');
  });

  it('stays stopped if that happens while it starts', async () => {
    install('certificate', 'key');
    const statusSocket = join(folder.path, 'status.sock');
    const stopping = new AbortController();
    const serve = StatusServer.start;
    const start = jest.spyOn(StatusServer, 'start').mockImplementation((...options) => {
      stopping.abort();
      return serve(...options);
    });
    agent = await startAgent(
      { ...settings, statusSocket },
      { log: () => undefined, signal: stopping.signal },
    );
    start.mockRestore();
    await agent.stop();
    expect(broker.connections).toBe(0);
    expect(existsSync(statusSocket)).toBe(false);
  });

  it('reads the CA file again', async () => {
    install('certificate', 'key');
    await start();
    const other = new CertificateAuthority('Next CA');
    writeFileSync(settings.network!.caFile!, authority.certificate + other.certificate);
    other.remove();
    await agent.reload(settings);
    await waitUntil('signed in again', () => broker.connections === 2);
  });

  it('changes the rate of running sessions, which they share with those that follow', async () => {
    install('certificate', 'key');
    const use = jest.spyOn(TunnelRegistry.prototype, 'use');
    await start();
    await agent.reload({ ...settings, limits: { bytesPerSecond: 1_000 } });
    await agent.reload({ ...settings, limits: { bytesPerSecond: 500 } });
    const [running, ...later] = use.mock.calls.map(([{ rate }]) => rate);
    use.mockRestore();
    for (const rate of later) expect(rate).toBe(running);
    // A second at 500 bytes per second, less what a quarter of a second without bytes has earned.
    expect(running!.take(500)).toBeGreaterThanOrEqual(750);
  });

  it('keeps what it has while the key of a renewed certificate is missing', async () => {
    install('certificate', 'key');
    await start();
    install('certificate');
    await expect(agent.reload(settings)).rejects.toThrow(/key values mismatch/);
    expect(logged).not.toContain('settings reloaded');
    expect(broker.connections).toBe(1);
    const renewed = install('certificate', 'key');
    await agent.reload(settings);
    await waitUntil('signed in again', () => broker.connections === 2);
    expect(broker.certificates.at(-1)).toBe(renewed.replace(/\s/g, ''));
  });
});

it.each(['rest', 'mqtt'] as const)(
  'a proxy that never answers is named, over %s',
  async transport => {
    const silent = await tcpTarget(() => undefined);
    const stopped = new AbortController();
    const reasons: unknown[] = [];
    const starting = startAgent(
      {
        baseUrl: `http://platform.test`,
        user: 't1001/device_gw-1',
        password: 'p',
        externalId: 'gw-1',
        transport,
        mqttUrl: `mqtt://platform.test`,
        network: { proxy: `http://127.0.0.1:${silent.port}`, timeoutMs: 500 },
      },
      { log: (_event, fields) => void reasons.push(fields?.['reason']), signal: stopped.signal },
    );
    await waitUntil('the reason', () => reasons.length > 0);
    stopped.abort();
    await starting;
    await silent.stop();
    expect(reasons[0]).toBe(
      `the proxy 127.0.0.1:${silent.port} did not answer: the connection took too long`,
    );
  },
);
