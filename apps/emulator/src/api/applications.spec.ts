import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Emulator } from '../emulator';
import { RestClient, startEmulator } from '../rest-client.fixture';

describe('applications', () => {
  let emulator: Emulator;
  let folder: string;
  const as = (user?: string, password?: string) => new RestClient(emulator.url, user, password);
  const bootstrap = () => as('management/servicebootstrap_cloud-remote-access');

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'emulator-apps-'));
    await writeFile(join(folder, 'cumulocity.json'), '{"name":"Plugin","exports":[1]}');
    emulator = await startEmulator({ appsFolders: { 'remote-access-plugin': folder } });
  });
  afterEach(async () => {
    await emulator.stop();
    await rm(folder, { recursive: true });
  });

  it('tell the shell which plugins to load', async () => {
    const manifest = await as('viewer').get('/application/applications/devicemanagement/manifest');
    const { id } = manifest.body.application;
    const { body } = await as('viewer').get(`/application/applications/${id}`);
    expect(body).toMatchObject({
      id,
      contextPath: 'devicemanagement',
      type: 'HOSTED',
      config: { remotes: { 'remote-access-plugin': ['remoteAccessDeviceProviders'] } },
    });
  });

  it('include the manifest of a plugin that is built', async () => {
    const path = '/application/applications/remote-access-plugin/manifest';
    const { body } = await as('viewer').get(path);
    expect(body.application).toMatchObject({ contextPath: 'remote-access-plugin', exports: [1] });
  });

  it('are listed for the caller, and for others only with the right to read users', async () => {
    const list = await as('viewer').get('/application/applicationsByUser/viewer?noPaging=true');
    expect(list.body.applications.map((one: { name: string }) => one.name)).toEqual([
      'Device Management',
      'Administration',
      'feature-microservice-hosting',
      'Remote access plugin',
      'cloud-remote-access',
    ]);
    // Makes the app switcher leave it out.
    const plugin = list.body.applications.find(
      ({ type, contextPath }: any) => type === 'HOSTED' && contextPath === 'remote-access-plugin',
    );
    expect(plugin.manifest).toMatchObject({ isPackage: true, noAppSwitcher: true });
    expect((await as('viewer').get('/application/applicationsByUser/admin')).status).toBe(403);
    expect((await as('admin').get('/application/applicationsByUser/viewer')).status).toBe(200);
    expect((await as('viewer').get('/application/applicationsByTenant/t1002')).status).toBe(403);
    expect((await as('viewer').get('/application/applicationsByTenant/t1001')).status).toBe(200);
    const byName = await as('viewer').get('/application/applicationsByName/cloud-remote-access');
    expect(byName.body.applications).toMatchObject([{ type: 'MICROSERVICE' }]);
    const some = await as('viewer').get('/application/applications?type=MICROSERVICE');
    expect(some.body.applications).toHaveLength(2);
  });

  it.each(['/application/applications/99', '/application/applications/nothing/manifest'])(
    'answer 404 at %s, and 401 without authentication',
    async path => {
      expect((await as('viewer').get(path)).status).toBe(404);
      expect((await as().get(path)).status).toBe(401);
    },
  );

  it('give only the bootstrap user a working service user per tenant', async () => {
    const path = '/application/currentApplication/subscriptions';
    const { body } = await bootstrap().get(path);
    expect(body.users.map((one: { tenant: string }) => one.tenant)).toEqual(['t1001', 't1002']);
    for (const { tenant, name, password } of body.users) {
      const me = await as(`${tenant}/${name}`, password).get('/user/currentUser');
      const roles = me.body.effectiveRoles.map((role: { id: string }) => role.id);
      expect(roles).toContain('ROLE_DEVICE_CONTROL_ADMIN');
      expect((await as(`${tenant}/${name}`, password).get(path)).status).toBe(403);
    }
    expect((await as('admin').get(path)).status).toBe(403);
    expect((await as().get(path)).status).toBe(401);
  });

  it('tell only a microservice which application it is', async () => {
    const { body } = await bootstrap().get('/application/currentApplication');
    expect(body).toMatchObject({ name: 'cloud-remote-access', contextPath: 'remoteaccess' });
    expect((await as('admin').get('/application/currentApplication')).status).toBe(403);
    expect((await as('admin').get('/application/currentApplication/settings')).status).toBe(403);
  });
});
