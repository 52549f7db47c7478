import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Emulator } from '@remote-access/emulator';
import { ROOT } from '../fixtures/archives';
import { deploy, FailingProxy, type DeployResult } from '../fixtures/deploy-command';
import { isHostedByTurns, PASSWORD } from '../fixtures/hosting';
import { smallPlugin, smallService } from '../fixtures/small-archives';
import { basic } from '../fixtures/stack';

// Each command takes a second, and more on a busy machine.
jest.setTimeout(120_000);

interface ShownApplication {
  readonly id: string;
  readonly name: string;
  readonly contextPath: string;
  readonly owner: { readonly tenant: { readonly id: string } };
  readonly config?: {
    readonly remotes?: Record<string, string[]>;
    readonly excludedRemotes?: Record<string, string[]>;
  };
}

function answer(response: ServerResponse, status: number, body: object): true {
  response.writeHead(status, { 'Content-Type': 'application/json', Connection: 'close' });
  response.end(JSON.stringify(body));
  return true;
}

/** What the Web SDK has for the vendor's tab; a Device Management of the vendor exports each as a module. */
function vendorsModules(): string[] {
  const folder = join(ROOT, 'node_modules/@c8y/ngx-components/remote-access');
  const declared = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('index.d.ts'))
    .flatMap(file =>
      readFileSync(join(folder, file), 'utf8').match(/\bremoteAccess\w+Providers\b/g),
    );
  return [...new Set(declared.filter(name => name !== null))].sort();
}

// The images are empty, so the proxy decides which uploads become healthy;
// test/e2e/deployed.spec.ts runs a real one.
describe('npm run deploy', () => {
  let emulator: Emulator;
  let proxy: FailingProxy;
  let folder: string;
  /** Whether the n-th upload of the microservice becomes healthy. */
  let healthy: boolean[];
  let uploads: number;
  /** How many connections for the health check are still to break. */
  let breaks: number;
  let contextPath: string;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'deploy-'));
    emulator = await Emulator.start({
      password: PASSWORD,
      bare: true,
      asHosted: isHostedByTurns(),
    });
    healthy = [true];
    uploads = 0;
    breaks = 0;
    contextPath = 'remoteaccess';
    proxy = await FailingProxy.start(emulator.url, ({ method, url = '', socket }, response) => {
      const isUp = (): boolean => healthy[uploads - 1] ?? true;
      if (method === 'POST' && url.endsWith('/binaries')) uploads += 1;
      if (url === `/service/${contextPath}/health`) {
        if (breaks > 0) {
          breaks -= 1;
          socket.destroy();
          return true;
        }
        return answer(response, isUp() ? 200 : 503, {});
      }
      if (!url.includes('type=c8y_Application_')) return false;
      const status = { c8y_Status: { status: isUp() ? 'Up' : 'Down', instances: {} } };
      return answer(response, 200, { managedObjects: [status] });
    });
  });
  afterEach(async () => {
    await proxy.stop();
    await emulator.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const run = (version: string, ...args: string[]): Promise<DeployResult> =>
    deploy(proxy.url, [
      ...['--service', smallService(folder, { version })],
      ...['--plugin', smallPlugin(folder, version), '--timeout', '2', ...args],
    ]);

  async function applications(): Promise<ShownApplication[]> {
    const path = '/application/applicationsByTenant/t1001?pageSize=100';
    const headers = { authorization: basic('admin') };
    const response = await fetch(`${emulator.url}${path}`, { headers });
    return ((await response.json()) as { applications: ShownApplication[] }).applications;
  }
  const own = async (): Promise<ShownApplication[]> =>
    (await applications()).filter(({ owner }) => owner.tenant.id === 't1001');
  const remotesOf = async (path: string): Promise<unknown> =>
    (await own()).find(one => one.contextPath === path)?.config?.remotes;

  it('installs, upgrades in place, can be repeated, and is undone by --remove', async () => {
    const before = await applications();
    const first = await run('0.1.0');
    expect([first.status, first.errors]).toEqual([0, '']);
    expect(first.output).toContain('Version 0.1.0 is deployed and healthy');
    expect(first.output).toContain('100 % of');
    expect((await own()).map(one => one.contextPath).sort()).toEqual([
      ...['administration', 'devicemanagement', 'remote-access-plugin', 'remoteaccess'],
    ]);
    expect(await remotesOf('devicemanagement')).toEqual({
      'remote-access-plugin@0.1.0': ['remoteAccessDeviceProviders'],
    });
    const [service] = (await own()).filter(one => one.contextPath === 'remoteaccess');

    const second = await run('0.2.0');
    expect(second.status).toBe(0);
    expect(second.output).toContain('Replacing version 0.1.0 of cloud-remote-access');
    expect(second.output).toContain('There is no automatic way back');
    expect(await remotesOf('administration')).toEqual({
      'remote-access-plugin@0.2.0': ['remoteAccessSettingsProviders'],
    });
    const again = await run('0.2.0');
    expect(again.output).toContain('Version 0.2.0 of the plugin is already uploaded');
    expect((await own()).find(one => one.contextPath === 'remoteaccess')!.id).toBe(service!.id);

    const removed = await deploy(proxy.url, ['--remove']);
    expect([removed.status, removed.output]).toEqual([0, expect.stringContaining('These stay')]);
    expect(await applications()).toEqual(before);
    const options = emulator.store.tenant('t1001')!.options.list();
    expect(options.map(({ key }) => key)).toEqual([
      'credentials.remoteaccess.encryption.password',
      'credentials.remoteaccess.encryption.salt',
    ]);
  });

  it('rolls back to the archive of --previous if the new version does not become healthy', async () => {
    await run('0.1.0');
    healthy = [true, false, true];
    const previous = smallService(folder, { version: '0.1.0' });
    const { status, output, errors } = await run('0.2.0', '--previous', previous);
    expect(status).toBe(1);
    expect(output).not.toContain('There is no automatic way back');
    expect(output).toContain('Going back to version 0.1.0');
    expect(errors).toContain('Version 0.2.0 did not become healthy; version 0.1.0 runs again.');
    expect(uploads).toBe(3);
    // The plugin is unchanged, too.
    expect(await remotesOf('devicemanagement')).toHaveProperty(['remote-access-plugin@0.1.0']);
  });

  it('goes on waiting if a connection breaks meanwhile', async () => {
    breaks = 1;
    const { status, errors } = await run('0.2.0');
    expect([status, errors, breaks]).toEqual([0, '', 0]);
  });

  it('says so if there is nothing to roll back to', async () => {
    await run('0.1.0');
    healthy = [true, false];
    const { status, errors } = await run('0.2.0');
    expect(status).toBe(1);
    expect(errors).toContain(
      'there is no --previous archive to go back to, so it is still installed.',
    );
    expect(errors).toContain(
      'Changed in the tenant: version 0.2.0 of the microservice was uploaded',
    );
  });

  it('never changes key material', async () => {
    await run('0.1.0');
    const { options } = emulator.store.tenant('t1001')!;
    const before = options.list();
    await run('0.2.0');
    expect(options.list()).toEqual(before);
  });

  it("deploys to another context path, next to the vendor's service", async () => {
    contextPath = 'my-remoteaccess';
    const { status, output } = await run('0.2.0', '--context-path', contextPath);
    expect([status, output]).toEqual([0, expect.stringContaining(`/service/${contextPath}.`)]);
    expect((await own()).map(one => one.contextPath)).toContain(contextPath);
    const file = `${emulator.url}/apps/remote-access-plugin@0.2.0/remote-access.json`;
    expect(await (await fetch(file)).json()).toEqual({ contextPath });
  });

  it("hides the vendor's tab if asked to, and shows it again afterwards", async () => {
    await run('0.2.0', '--hide-vendor-tab');
    const shell = (await own()).find(one => one.contextPath === 'devicemanagement')!;
    expect([...(shell.config?.excludedRemotes?.['devicemanagement'] ?? [])].sort()).toEqual(
      vendorsModules(),
    );
    await deploy(proxy.url, ['--remove']);
    expect(await own()).toEqual([]);
  });

  it("keeps the tenant's own shell, and only removes the plugin from it", async () => {
    const config = {
      remotes: { 'other@1.0.0': ['one'] },
      excludedRemotes: { devicemanagement: ['hidden by the tenant'], other: ['too'] },
    };
    emulator.store.applications.put({
      ...emulator.store.applications.get('11')!,
      id: '50',
      key: 'own-key',
      owner: 't1001',
      subscribers: [],
      config,
    });
    const shown = async (): Promise<ShownApplication['config']> =>
      (await own()).find(one => one.contextPath === 'devicemanagement')?.config;
    await run('0.2.0', '--hide-vendor-tab');
    await run('0.2.0', '--hide-vendor-tab');
    const { remotes, excludedRemotes } = (await shown())!;
    expect(remotes).toEqual({
      'other@1.0.0': ['one'],
      'remote-access-plugin@0.2.0': ['remoteAccessDeviceProviders'],
    });
    const [tenants, ...vendors] = excludedRemotes!['devicemanagement']!;
    expect([tenants, vendors.sort(), excludedRemotes!['other']]).toEqual([
      'hidden by the tenant',
      vendorsModules(),
      ['too'],
    ]);
    await deploy(proxy.url, ['--remove']);
    expect(await shown()).toEqual(config);
  });
});
