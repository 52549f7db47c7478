import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { zipSync } from 'fflate';
import type { Emulator } from '../emulator';
import { PASSWORD, RestClient, startEmulator, type Reply } from '../rest-client.fixture';

const MANIFEST = {
  apiVersion: 'v2',
  name: 'example',
  contextPath: 'example',
  version: '1.2.3',
  isolation: 'MULTI_TENANT',
  requiredRoles: ['ROLE_INVENTORY_READ'],
  livenessProbe: { httpGet: { path: '/health', port: 80 } },
};

const PLUGIN = { name: 'Example', contextPath: 'plug', version: '1.0.0', isPackage: true };

describe('changing applications', () => {
  let emulator: Emulator;
  let folder: string;
  const as = (user: string, password?: string) => new RestClient(emulator.url, user, password);
  const admin = () => as('admin');

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'application-changes-'));
    emulator = await startEmulator({ bare: true });
  });
  afterEach(async () => {
    await emulator.stop();
    await rm(folder, { recursive: true });
  });

  /** An empty image in the format of `docker save`. */
  function image(architecture = 'amd64'): Uint8Array {
    const parts = join(folder, architecture);
    mkdirSync(parts);
    writeFileSync(join(parts, 'layer.tar'), Buffer.alloc(1024));
    const config = { architecture, os: 'linux', config: { Cmd: ['/none'], User: '1000' } };
    writeFileSync(join(parts, 'config.json'), JSON.stringify(config));
    const manifest = [{ Config: 'config.json', Layers: ['layer.tar'], RepoTags: ['example:1'] }];
    writeFileSync(join(parts, 'manifest.json'), JSON.stringify(manifest));
    const file = join(folder, `${architecture}.tar`);
    execFileSync('tar', ['-cf', file, '-C', parts, 'manifest.json', 'config.json', 'layer.tar']);
    return readFileSync(file);
  }

  const zip = (manifest: object, files: Record<string, Uint8Array>): Uint8Array =>
    zipSync({ 'cumulocity.json': Buffer.from(JSON.stringify(manifest)), ...files }, { level: 0 });

  async function upload(
    path: string,
    data: Uint8Array,
    field = 'file',
    fields: Record<string, string> = {},
  ): Promise<Reply> {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    form.append(field, new Blob([new Uint8Array(data)]), 'archive.zip');
    const response = await fetch(emulator.url + path, {
      method: 'POST',
      body: form,
      headers: { Authorization: `Basic ${btoa(`admin:${PASSWORD}`)}` },
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text ? JSON.parse(text) : {},
      text,
    };
  }

  const createService = async (): Promise<string> => {
    const { body } = await admin().post('/application/applications', {
      name: 'example',
      key: 'example-key',
      type: 'MICROSERVICE',
      contextPath: 'example',
    });
    return body.id as string;
  };

  it('needs the right to manage applications', async () => {
    const body = { name: 'a', key: 'a', type: 'MICROSERVICE' };
    expect((await as('viewer').post('/application/applications', body)).status).toBe(403);
    const { status, body: created } = await admin().post('/application/applications', body);
    expect([status, created.owner.tenant.id]).toEqual([201, 't1001']);
    expect((await as('t1002/admin').get(`/application/applications/${created.id}`)).status).toBe(
      404,
    );
    const path = `/application/applications/${created.id}`;
    expect((await as('t1002/admin').delete(path)).status).toBe(404);
    expect((await as('admin').put('/application/applications/11', { name: 'b' })).status).toBe(403);
  });

  it('refuses a context path that is taken', async () => {
    await createService();
    const body = { name: 'other', key: 'other', type: 'MICROSERVICE', contextPath: 'example' };
    expect((await admin().post('/application/applications', body)).status).toBe(409);
  });

  it('accepts a microservice, and gives subscribed tenants a service user', async () => {
    const id = await createService();
    const archive = zip(MANIFEST, { 'image.tar': image() });
    expect((await upload(`/application/applications/${id}/binaries`, archive)).status).toBe(201);

    const bootstrap = await admin().get(`/application/applications/${id}/bootstrapUser`);
    const { tenant, name, password } = bootstrap.body;
    const service = as(`${tenant}/${name}`, password);
    const subscriptions = '/application/currentApplication/subscriptions';
    expect((await service.get(subscriptions)).body.users).toEqual([]);

    const path = '/tenant/tenants/t1001/applications';
    const body = { application: { id } };
    expect((await admin().post(path, body)).status).toBe(201);
    expect((await admin().post(path, body)).status).toBe(409);
    const [user] = (await service.get(subscriptions)).body.users;
    expect(user).toMatchObject({ tenant: 't1001', name: 'service_example' });
    const me = await as(`t1001/${user.name}`, user.password).get('/inventory/managedObjects');
    expect(me.status).toBe(200);

    const status = `/inventory/managedObjects?type=c8y_Application_${id}`;
    const [object] = (await admin().get(status)).body.managedObjects;
    // Uploads are not started unless the emulator is told to.
    expect(object.c8y_Status).toMatchObject({ status: 'Unknown', details: { desired: 1 } });

    expect((await admin().delete(`${path}/${id}`)).status).toBe(204);
    expect((await service.get(subscriptions)).body.users).toEqual([]);
    expect((await admin().delete(`/application/applications/${id}`)).status).toBe(204);
    expect((await service.get(subscriptions)).status).toBe(401);
    expect((await admin().get(status)).body.managedObjects).toEqual([]);
  });

  it.each([
    ['is for another architecture', () => zip(MANIFEST, { 'image.tar': image('arm64') }), 'amd64'],
    ['has no image', () => zip(MANIFEST, {}), 'no image.tar'],
    ['has no manifest', () => zipSync({ 'image.tar': image() }), 'no cumulocity.json'],
    [
      'is cut',
      () => zip(MANIFEST, { 'image.tar': image() }).subarray(0, 4000),
      'not a complete zip',
    ],
    [
      'is of another application',
      () => zip({ ...MANIFEST, name: 'else' }, { 'image.tar': image() }),
      'The archive is of else',
    ],
    [
      'has a wrong version',
      () => zip({ ...MANIFEST, version: 'latest' }, { 'image.tar': image() }),
      'version in cumulocity.json',
    ],
    [
      'has an image that is none',
      () => zip(MANIFEST, { 'image.tar': Buffer.from('none') }),
      'cannot be unpacked',
    ],
  ])('refuses an archive that %s, and keeps what was there', async (_what, archive, reason) => {
    const id = await createService();
    const answer = await upload(`/application/applications/${id}/binaries`, archive());
    expect([answer.status, answer.body.message]).toEqual([422, expect.stringContaining(reason)]);
    const { body } = await admin().get(`/application/applications/${id}`);
    expect(body).not.toHaveProperty('activeVersionId');
  });

  it('answers an upload that is not a form', async () => {
    const id = await createService();
    const path = `/application/applications/${id}/binaries`;
    expect((await admin().post(path, {})).status).toBe(400);
    const empty = await fetch(emulator.url + path, {
      method: 'POST',
      body: new FormData(),
      headers: { Authorization: `Basic ${btoa(`admin:${PASSWORD}`)}` },
    });
    expect(empty.status).toBe(400);
  });

  it('serves the versions of a package, and the active one without a version', async () => {
    const { body: created } = await admin().post('/application/applications', {
      name: 'Example',
      key: 'plug-key',
      type: 'HOSTED',
      contextPath: 'plug',
    });
    const path = `/application/applications/${created.id}`;
    for (const version of ['1.0.0', '1.1.0']) {
      const file = Buffer.from(`version ${version}`);
      const archive = zip({ ...PLUGIN, version }, { 'remoteEntry.js': file });
      const fields = { applicationVersion: JSON.stringify({ version, tags: ['latest'] }) };
      const answer = await upload(`${path}/versions`, archive, 'applicationBinary', fields);
      expect(answer.status).toBe(201);
      if (version === '1.0.0') {
        await admin().put(path, { activeVersionId: answer.body.binaryId });
        const again = await upload(`${path}/versions`, archive, 'applicationBinary', fields);
        expect(again.status).toBe(409);
      }
    }
    const read = async (context: string): Promise<string> =>
      (await fetch(`${emulator.url}/apps/${context}/remoteEntry.js`)).text();
    expect(await read('plug')).toBe('version 1.0.0');
    expect(await read('plug@1.1.0')).toBe('version 1.1.0');
    expect(await read('plug@latest')).toBe('version 1.1.0');
    expect((await fetch(`${emulator.url}/apps/plug@2.0.0/remoteEntry.js`)).status).toBe(404);

    await admin().put(`${path}/versions/1.0.0`, { tags: ['latest'] });
    expect(await read('plug@latest')).toBe('version 1.0.0');
    const { body } = await admin().get(`${path}/versions`);
    expect(body.applicationVersions).toMatchObject([
      { version: '1.0.0', tags: ['latest'] },
      { version: '1.1.0', tags: [] },
    ]);
    expect((await admin().delete(`${path}/versions?version=1.0.0`)).status).toBe(422);
    expect((await admin().delete(`${path}/versions?version=1.1.0`)).status).toBe(204);
  });

  it('refuses files that lead out of the application', async () => {
    const { body: created } = await admin().post('/application/applications', {
      name: 'Example',
      key: 'plug-key',
      type: 'HOSTED',
      contextPath: 'plug',
    });
    const archive = zip(PLUGIN, { '../../outside.js': Buffer.from('x') });
    const fields = { applicationVersion: JSON.stringify({ version: '1.0.0' }) };
    const path = `/application/applications/${created.id}/versions`;
    const answer = await upload(path, archive, 'applicationBinary', fields);
    expect([answer.status, answer.body.message]).toEqual([422, expect.stringContaining('outside')]);
  });

  it('lets a tenant have its own copy of an application, with its own plugins', async () => {
    const { body: copy } = await admin().post('/application/applications/11/clone', {});
    expect(copy).toMatchObject({ contextPath: 'clonedevicemanagement', type: 'HOSTED' });
    await admin().put(`/application/applications/${copy.id}`, {
      name: 'Device Management',
      contextPath: 'devicemanagement',
      config: { remotes: { 'plug@1.0.0': ['one'] } },
    });
    const manifest = '/application/applications/devicemanagement/manifest';
    expect((await admin().get(manifest)).body.application.id).toBe(copy.id);
    expect((await as('t1002/admin').get(manifest)).body.application.id).toBe('11');
    const { body } = await admin().get(`/application/applications/${copy.id}`);
    expect(body.config.remotes).toEqual({ 'plug@1.0.0': ['one'] });
  });

  it("lets only the platform's operator unsubscribe from what the platform owns", async () => {
    await emulator.stop();
    emulator = await startEmulator();
    const path = '/tenant/tenants/t1001/applications/14';
    expect((await admin().delete(path)).status).toBe(403);
    expect((await as('management/admin').delete(path)).status).toBe(204);
    const { body } = await admin().get('/application/applicationsByTenant/t1001');
    expect(body.applications.map((one: { id: string }) => one.id)).not.toContain('14');
  });
});
