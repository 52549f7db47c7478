import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Emulator } from '@remote-access/emulator';
import { deploy, FailingProxy, refuse, type Interference } from '../fixtures/deploy-command';
import { isHostedByTurns, PASSWORD } from '../fixtures/hosting';
import { smallPlugin, smallService } from '../fixtures/small-archives';
import { basic } from '../fixtures/stack';

// Each command takes a second, and more on a busy machine.
jest.setTimeout(120_000);

const UNCHANGED = 'Nothing in the tenant has been changed.';

/** The parts of the tenant that deploying changes. */
async function stateOf(emulator: Emulator): Promise<unknown> {
  const call = async (path: string): Promise<unknown> => {
    const headers = { authorization: basic('admin') };
    return (await fetch(`${emulator.url}${path}`, { headers })).json();
  };
  const tenant = emulator.store.tenant('t1001')!;
  return {
    applications: await call('/application/applicationsByTenant/t1001?pageSize=100'),
    options: tenant.options.list(),
    users: tenant.accounts.list().map(({ id }) => id),
    objects: tenant.managedObjects.list().map(({ id }) => id),
  };
}

describe('npm run deploy', () => {
  let emulator: Emulator;
  let folder: string;
  let good: string[];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'deploy-bad-input-'));
    emulator = await Emulator.start({
      password: PASSWORD,
      bare: true,
      asHosted: isHostedByTurns(),
    });
    good = ['--service', smallService(folder), '--plugin', smallPlugin(folder)];
  });
  afterEach(async () => {
    await emulator.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** @param change damages the archive of the microservice */
  async function deployChanged(change: () => string): Promise<string> {
    const before = await stateOf(emulator);
    const args = ['--service', change(), '--plugin', smallPlugin(folder)];
    const { status, errors } = await deploy(emulator.url, args);
    expect(status).toBe(1);
    expect(await stateOf(emulator)).toEqual(before);
    return errors;
  }

  it.each<[string, () => string, RegExp]>([
    [
      'half a zip',
      () => {
        const file = smallService(folder);
        const data = readFileSync(file);
        writeFileSync(file, data.subarray(0, data.length / 2));
        return file;
      },
      /is damaged or incomplete \(.*\)\. Run npm run pack again/,
    ],
    [
      'an image for another architecture',
      () => smallService(folder, { architecture: 'arm64' }),
      /is for linux\/arm64, but the platform runs linux\/amd64 only\./,
    ],
    [
      'an image of another version',
      () => smallService(folder, { tag: 'cloud-remote-access:0.1.0' }),
      /is cloud-remote-access:0\.1\.0, but the manifest says cloud-remote-access:0\.2\.0\./,
    ],
    [
      'another version than that of the plugin',
      () => smallService(folder, { version: '0.3.0' }),
      /The microservice has version 0\.3\.0 and the plugin 0\.2\.0\. Deploy two archives of the same/,
    ],
    [
      'no archive',
      () => join(folder, 'none.zip'),
      /There is no .*none\.zip\. Run npm run pack first/,
    ],
  ])('refuses %s before it contacts the tenant', async (_what, change, sentence) => {
    const errors = await deployChanged(change);
    expect(errors).toMatch(sentence);
    expect(errors).toContain(UNCHANGED);
  });

  it('names the permissions that the user lacks', async () => {
    const before = await stateOf(emulator);
    const { status, errors } = await deploy(emulator.url, [...good, '--user', 't1001/viewer']);
    expect([status, errors]).toEqual([
      1,
      expect.stringMatching(/The user viewer lacks ROLE_APPLICATION_MANAGEMENT_ADMIN \(to upload/),
    ]);
    expect(errors).toContain(UNCHANGED);
    expect(await stateOf(emulator)).toEqual(before);
  });

  it("says how to unsubscribe the vendor's service, if it is there", async () => {
    await emulator.stop();
    emulator = await Emulator.start({ password: PASSWORD });
    const before = await stateOf(emulator);
    const { status, errors } = await deploy(emulator.url, good);
    expect(status).toBe(1);
    expect(errors).toContain('DELETE /tenant/tenants/t1001/applications/14');
    expect(errors).toContain('/service/remoteaccess/device/…');
    expect(errors).toContain(UNCHANGED);
    expect(await stateOf(emulator)).toEqual(before);
  });

  it('says so if the tenant may not host microservices', async () => {
    emulator.store.applications.delete('15');
    const { status, errors } = await deploy(emulator.url, good);
    expect([status, errors]).toEqual([
      1,
      expect.stringContaining('The tenant may not host microservices. Ask the operator'),
    ]);
  });

  it('accepts neither a wrong password nor one in an argument', async () => {
    const wrong = await deploy(emulator.url, good, { C8Y_PASSWORD: 'wrong' });
    expect(wrong.errors).toMatch(/does not accept the credentials\. Check user and password/);
    expect(wrong.errors).toContain(UNCHANGED);
    const { errors } = await deploy(emulator.url.replace('://', '://admin:secret@'), good);
    expect(errors).toContain('--url must not contain a password');
    expect(errors).not.toContain('secret');
    const none = await deploy('tenant.example.com', good);
    expect(none.errors).toContain('--url tenant.example.com is not an address like https://');
    const plain = await deploy('http://tenant.example.com', good);
    expect(plain.errors).toContain('--url must begin with https://');
  });

  it('sends nothing if the certificate cannot be verified', async () => {
    await emulator.stop();
    emulator = await Emulator.start({
      password: PASSWORD,
      bare: true,
      https: { port: 0, folder },
    });
    const { errors } = await deploy(emulator.httpsUrl!, good);
    expect(errors).toMatch(
      /The certificate of .* cannot be verified \(\w+\), so nothing was sent\./,
    );
    expect(errors).toContain('NODE_EXTRA_CA_CERTS');
    const trusting = { NODE_EXTRA_CA_CERTS: emulator.caPath! };
    const { status, output } = await deploy(emulator.httpsUrl!, [...good, '--check'], trusting);
    expect([status, output]).toEqual([0, expect.stringContaining('can deploy version 0.2.0')]);
  });

  describe('behind a platform that fails', () => {
    const isUpload = ({ method, url }: { method?: string; url?: string }): boolean =>
      method === 'POST' && (url ?? '').endsWith('/binaries');

    it.each<[string, Interference, RegExp]>([
      [
        'when the quota is exceeded',
        (request, response) => isUpload(request) && refuse(response, 413, 'Storage quota exceeded'),
        /did not accept service-0\.2\.0\.zip: the tenant's quota is used up.*Storage quota exceeded\./,
      ],
      [
        'when the upload is cut in the middle',
        request => {
          if (!isUpload(request)) return false;
          request.once('data', () => request.socket.destroy());
          return true;
        },
        /did not answer: the connection was cut\. Run the same command again\./,
      ],
      [
        'when the right to upload is missing after all',
        (request, response) => isUpload(request) && refuse(response, 403, 'Access is denied'),
        /did not accept service-0\.2\.0\.zip: the user lacks a permission \(403\)\. Access is denied\./,
      ],
    ])(
      '%s, leaves the tenant as it was but for the key material',
      async (_what, fail, sentence) => {
        const before = await stateOf(emulator);
        const proxy = await FailingProxy.start(emulator.url, fail);
        const { status, errors } = await deploy(proxy.url, good);
        await proxy.stop();
        expect([status, errors]).toEqual([1, expect.stringMatching(sentence)]);
        expect(errors).toContain(
          'Changed in the tenant: key material for sealing secrets was set.',
        );
        const after = (await stateOf(emulator)) as { options: { id: string }[] };
        expect(after.options.map(({ id }) => id)).toEqual([
          'remoteaccess/credentials.remoteaccess.encryption.password',
          'remoteaccess/credentials.remoteaccess.encryption.salt',
        ]);
        expect({ ...after, options: [] }).toEqual({ ...(before as object), options: [] });
      },
    );

    it('if the token expires in the middle, says what has been done and what to do', async () => {
      let uploads = 0;
      const proxy = await FailingProxy.start(emulator.url, (request, response) => {
        if (isUpload(request)) uploads += 1;
        return uploads > 0 && !isUpload(request) && refuse(response, 401, 'Token has expired');
      });
      const { status, errors } = await deploy(proxy.url, good);
      await proxy.stop();
      expect(status).toBe(1);
      expect(errors).toContain(
        'the token may have expired. Sign in again and run the same command.',
      );
      expect(errors).toMatch(
        /Changed in the tenant: .*version 0\.2\.0 of the microservice was upload/,
      );
      expect(errors).toContain('the tenant stays locked for other deployments for half an hour');
      // The lock of that run still exists, and names its user.
      const second = await deploy(emulator.url, good);
      expect(second.errors).toMatch(/Another deployment to this tenant is running by admin since/);
      const [, path = ''] = /\(DELETE (\S+)\)/.exec(second.errors) ?? [];
      const headers = { authorization: basic('admin') };
      const unlocked = await fetch(`${emulator.url}${path}`, { method: 'DELETE', headers });
      expect(unlocked.status).toBe(204);
      const third = await deploy(emulator.url, [...good, '--check']);
      expect([third.status, third.errors]).toEqual([0, '']);
    });

    it.each(['SIGINT', 'SIGTERM'] as const)('undoes what it has begun on %s', async signal => {
      const before = await stateOf(emulator);
      let interrupt: () => boolean = () => false;
      // The upload arrives, and is never answered.
      const proxy = await FailingProxy.start(
        emulator.url,
        request => isUpload(request) && interrupt(),
      );
      const { status, errors } = await deploy(proxy.url, good, {}, child => {
        interrupt = () => child.kill(signal);
      });
      await proxy.stop();
      expect([status, errors]).toEqual([1, expect.stringMatching(/^Interrupted\. Run the same/m)]);
      expect(errors).toContain('Changed in the tenant: key material for sealing secrets was set.');
      const after = (await stateOf(emulator)) as { options: { id: string }[] };
      expect(after.options.map(({ id }) => id)).toHaveLength(2);
      expect({ ...after, options: [] }).toEqual({ ...(before as object), options: [] });
    });
  });

  it('removes a microservice that never becomes healthy', async () => {
    // This emulator does not start uploads.
    const before = await stateOf(emulator);
    const { status, errors } = await deploy(emulator.url, [...good, '--timeout', '2']);
    expect([status, errors]).toEqual([
      1,
      expect.stringMatching(
        /did not become healthy, so it was removed again\. After 2 s the platform/,
      ),
    ]);
    const after = (await stateOf(emulator)) as { options: unknown };
    expect({ ...after, options: [] }).toEqual({ ...(before as object), options: [] });
  });

  it('lets only one of two concurrent deployments continue', async () => {
    const both = await Promise.all(
      [1, 2].map(() => deploy(emulator.url, [...good, '--timeout', '5'])),
    );
    const busy = both.filter(({ errors }) => errors.includes('Another deployment'));
    expect(busy).toHaveLength(1);
    expect(busy[0]!.errors).toContain(UNCHANGED);
  });

  it('refuses to replace lost key material', async () => {
    emulator.store.tenant('t1001')!.options.put({
      id: 'remoteaccess/endpoints.authenticated',
      category: 'remoteaccess',
      key: 'endpoints.authenticated',
      value: 'true',
    });
    const { errors } = await deploy(emulator.url, good);
    expect(errors).toContain('Restore the tenant options');
    expect(errors).toContain(UNCHANGED);
  });

  it("lists what is taken over from the vendor's service, and changes nothing", async () => {
    const tenant = emulator.store.tenant('t1001')!;
    const gateway = tenant.managedObjects.get('1001')!;
    tenant.managedObjects.put({
      ...gateway,
      c8y_RemoteAccessList: [
        {
          id: '1',
          name: 'a | b',
          hostname: 'h',
          port: 22,
          protocol: 'SSH',
          credentials: { type: 'USER_PASS', username: 'u', password: '{cipher}abc' },
        },
        {
          id: '2',
          name: 'c',
          hostname: 'h',
          port: 23,
          protocol: 'TELNET',
          credentials: { type: 'NONE' },
        },
      ],
    });
    const before = await stateOf(emulator);
    const { status, output } = await deploy(emulator.url, ['--migrate']);
    expect(status).toBe(0);
    expect(output).toContain('2 endpoints on 1 gateways stay where they are.');
    expect(output).toContain('In 1 of them a secret has to be entered again');
    expect(output).toContain('| Factory gateway (1001) | a \\| b | SSH | password |');
    expect(output).toContain('| Factory gateway (1001) | c | TELNET |  |');
    expect(output).not.toContain('{cipher}');
    expect(await stateOf(emulator)).toEqual(before);
  });
});
