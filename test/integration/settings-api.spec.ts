import type { ShownSettings } from '@remote-access/contracts';
import { Stack } from '../fixtures/stack';

const SETTINGS = '/service/remoteaccess/settings';

const DEFAULTS: Omit<ShownSettings, 'revision'> = {
  enabled: true,
  hostKeyAutosave: false,
  operationTimeoutSeconds: 30,
  idleTimeoutMs: 3_600_000,
  maxDurationSeconds: 0,
  resumeSeconds: 120,
  watch: 'told',
  notice: null,
  deviceAdmission: 'owner',
  auditRequired: true,
  tokenInAddress: false,
  malformedKeys: false,
  noticeId: null,
};

let stack: Stack;
beforeEach(async () => (stack = await Stack.start({ agent: false })));
afterEach(() => stack.stop());

async function call(
  method: 'GET' | 'PUT',
  user: string,
  body?: unknown,
): Promise<{ status: number; body: any }> {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await stack.fetch(SETTINGS, { method, user, ...sent });
  return { status: response.status, body: await response.json() };
}

/** A response with these settings. */
const shown = (settings: object): object => ({
  ...settings,
  revision: expect.stringMatching(/^[0-9a-f]{16}$/),
});

const options = (): Promise<Record<string, string>> =>
  stack.json('/tenant/options/remoteaccess', { user: 'admin' });

async function auditTexts(): Promise<{ text: string; user: string; source: { id: string } }[]> {
  const { auditRecords } = await stack.json<{ auditRecords: any[] }>(
    '/audit/auditRecords?type=Option&pageSize=100&revert=true',
    { user: 'admin' },
  );
  return auditRecords
    .filter(({ activity }) => activity === 'Remote access setting changed')
    .map(({ text, user, source }) => ({ text, user, source }));
}

describe('the settings', () => {
  it('have defaults that everyone who may connect can read', async () => {
    for (const user of ['operator', 'engineer', 'admin']) {
      expect(await call('GET', user)).toEqual({ status: 200, body: shown(DEFAULTS) });
    }
  });

  it('take effect and are shown as soon as they are written', async () => {
    const wanted = {
      ...DEFAULTS,
      hostKeyAutosave: true,
      idleTimeoutMs: 60_000,
      notice: 'Be nice.',
    };
    const written = await call('PUT', 'admin', wanted);
    const noticeId = expect.stringMatching(/^[0-9a-f]{64}$/);
    expect(written).toEqual({ status: 200, body: shown({ ...wanted, noticeId }) });
    expect(await call('GET', 'operator')).toEqual(written);
    expect(await options()).toMatchObject({
      'hostkey-autosave': 'true',
      'remoteaccess.ws.idle.timeout': '60000',
      'remoteaccess.notice': 'Be nice.',
    });
  });

  it('can be written back as they were read, and a notice can be removed', async () => {
    const { body } = await call('PUT', 'admin', { ...DEFAULTS, notice: 'Be nice.' });
    expect(await call('PUT', 'admin', body)).toEqual({ status: 200, body });
    expect(await call('PUT', 'admin', { ...DEFAULTS, notice: null })).toEqual({
      status: 200,
      body: shown(DEFAULTS),
    });
    expect(await options()).not.toHaveProperty('remoteaccess.notice');
  });

  it('belong to one tenant', async () => {
    await call('PUT', 'admin', { ...DEFAULTS, enabled: false });
    expect((await call('GET', 't1002/admin')).body).toEqual(shown(DEFAULTS));
  });

  it('cannot be changed without the permission, which the refusal names', async () => {
    expect(await call('PUT', 'engineer', DEFAULTS)).toMatchObject({
      status: 403,
      body: { message: 'You need the permission ADMIN for "Option management".' },
    });
    expect(await call('GET', 'viewer')).toMatchObject({
      status: 403,
      body: { message: 'You need the permission READ for "Remote access".' },
    });
    expect(await auditTexts()).toEqual([]);
  });

  it('are refused as a whole if one is invalid', async () => {
    const wrong = { ...DEFAULTS, hostKeyAutosave: true, operationTimeoutSeconds: 0 };
    expect(await call('PUT', 'admin', wrong)).toMatchObject({
      status: 422,
      body: {
        error: 'remoteaccess/invalid-settings',
        message: 'operationTimeoutSeconds must be a whole number from 5 to 3600',
      },
    });
    expect((await call('GET', 'admin')).body).toEqual(shown(DEFAULTS));
  });

  it('are not overwritten by a caller who read an older revision', async () => {
    const { body: read } = await call('GET', 'admin');
    expect(await call('PUT', 'admin', { ...read, hostKeyAutosave: true })).toMatchObject({
      status: 200,
    });
    expect(await call('PUT', 'admin', { ...read, notice: 'Hello' })).toMatchObject({
      status: 409,
      body: {
        error: 'remoteaccess/conflict',
        message: 'Someone else has changed the settings. Read them again.',
      },
    });
    const { body: now } = await call('GET', 'admin');
    expect(now).toMatchObject({ hostKeyAutosave: true, notice: null });
  });

  it.each([
    ['fail-500', 502, 'platform-failed'],
    ['slow-9s', 504, 'platform-timeout'],
    ['drop-connection', 502, 'platform-failed'],
  ])('stay unchanged if the platform answers with %s', async (trouble, status, code) => {
    const wanted = { ...DEFAULTS, hostKeyAutosave: true, notice: `Hello ${trouble}` };
    expect(await call('PUT', 'admin', wanted)).toMatchObject({
      status,
      body: { error: `remoteaccess/${code}` },
    });
    expect((await call('GET', 'admin')).body).toEqual(shown(DEFAULTS));
    expect(await auditTexts()).toEqual([]);
  });

  it('hold a notice that is longer than an option', async () => {
    const notice = 'Only for maintenance. '.repeat(80).trim();
    expect((await call('PUT', 'admin', { ...DEFAULTS, notice })).body).toMatchObject({ notice });
    expect((await call('GET', 'operator')).body).toMatchObject({ notice });
    const short = { ...DEFAULTS, notice: 'Be nice.' };
    expect((await call('PUT', 'admin', short)).body).toMatchObject({ notice: 'Be nice.' });
    const keys = stack.emulator.store
      .tenant('t1001')!
      .options.list()
      .map(({ key }) => key);
    expect(keys.filter(key => key.startsWith('remoteaccess.notice'))).toEqual([
      'remoteaccess.notice',
    ]);
    // One record each, whatever number of options changed.
    expect(await auditTexts()).toHaveLength(2);
  });

  it('are audited one by one when they change, with the user, the old value and the new one', async () => {
    await call('PUT', 'admin', { ...DEFAULTS, enabled: false, notice: 'Be "nice".' });
    await call('PUT', 'admin', { ...DEFAULTS, enabled: false });
    await call('PUT', 'admin', { ...DEFAULTS, enabled: false });
    const record = (key: string, text: string) => ({
      text: `${key} changed from ${text}`,
      user: 'admin',
      source: { id: expect.any(String) },
    });
    const texts = await auditTexts();
    // The platform requires an object as the source; all settings share one.
    expect(new Set(texts.map(({ source }) => source.id)).size).toBe(1);
    expect(await stack.json(`/inventory/managedObjects/${texts[0]!.source.id}`)).toMatchObject({
      type: 'c8y_CloudRemoteAccess',
    });
    expect(texts).toEqual([
      record('remoteaccess.enabled', '"true" to "false"'),
      record('remoteaccess.notice', 'nothing to "Be \\"nice\\"."'),
      record('remoteaccess.notice', '"Be \\"nice\\"." to nothing'),
    ]);
  });
});
