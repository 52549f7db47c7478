import type { Cumulocity } from '../platform/cumulocity';
import type { TenantDirectory, TenantListener } from '../platform/tenant-directory';
import { TenantOptions } from './tenant-options';

let stored: Record<string, string>;
let reads: number;
let failure: Error | undefined;
let tenants: TenantListener;

const platform = {
  asService: () => ({
    tenantOptions: () => {
      reads += 1;
      return failure ? Promise.reject(failure) : Promise.resolve(stored);
    },
  }),
} as unknown as Cumulocity;

const directory = {
  watch: (listener: TenantListener) => {
    tenants = listener;
    return () => undefined;
  },
} as unknown as TenantDirectory;

let options: TenantOptions;
beforeEach(() => {
  jest.useFakeTimers();
  stored = {};
  reads = 0;
  failure = undefined;
  options = new TenantOptions(platform, directory);
  options.onModuleInit();
});
afterEach(() => jest.useRealTimers());

describe('the options of a tenant', () => {
  it('have defaults', async () => {
    await expect(options.of('t1')).resolves.toEqual({
      enabled: true,
      notice: null,
      operationTimeoutMs: 30_000,
      idleTimeoutMs: 3_600_000,
      maxDurationMs: 0,
      resumeMs: 120_000,
      watch: 'told',
      hostKeyAutosave: false,
      deviceAdmission: 'owner',
      auditRequired: true,
      tokenInAddress: false,
      malformedKeys: false,
    });
  });

  it('are converted from their units', async () => {
    stored = {
      'remoteaccess.operation.timeout': '5',
      'remoteaccess.ws.idle.timeout': '60000',
      'remoteaccess.session.max-duration': '7200',
      'remoteaccess.session.resume': '0',
      'remoteaccess.watch': 'consent',
      'hostkey-autosave': 'true',
      'remoteaccess.enabled': 'false',
      'remoteaccess.notice': ' Be nice. ',
      'remoteaccess.device.admission': 'reader',
      'remoteaccess.audit.required': 'false',
      'remoteaccess.websocket.token': 'true',
      'remoteaccess.device.malformed-key': 'true',
    };
    await expect(options.of('t1')).resolves.toEqual({
      enabled: false,
      notice: 'Be nice.',
      operationTimeoutMs: 5_000,
      idleTimeoutMs: 60_000,
      maxDurationMs: 7_200_000,
      resumeMs: 0,
      watch: 'consent',
      hostKeyAutosave: true,
      deviceAdmission: 'reader',
      auditRequired: false,
      tokenInAddress: true,
      malformedKeys: true,
    });
  });

  it.each(['', 'soon', '-1', '0', 'NaN', '1e999'])(
    'fall back to the default for %j',
    async text => {
      stored = { 'remoteaccess.operation.timeout': text, 'remoteaccess.ws.idle.timeout': text };
      const read = await options.of('t1');
      expect(read).toMatchObject({ operationTimeoutMs: 30_000, idleTimeoutMs: 3_600_000 });
    },
  );

  it('are limited to the longest delay of a timer', async () => {
    stored = { 'remoteaccess.session.max-duration': '99999999999' };
    await expect(options.of('t1')).resolves.toMatchObject({ maxDurationMs: 2_147_483_647 });
  });

  it('are read again after ten seconds, after a failure, and when the tenant resubscribes', async () => {
    await options.of('t1');
    await options.of('t1');
    expect(reads).toBe(1);
    jest.advanceTimersByTime(10_000);
    failure = new Error('down');
    await expect(options.of('t1')).rejects.toThrow('down');
    failure = undefined;
    await options.of('t1');
    expect(reads).toBe(3);
    tenants.subscribed?.('t1');
    await options.of('t1');
    expect(reads).toBe(4);
  });

  it('yield key material with and without the prefix, but not if it is masked', async () => {
    const clear = { 'remoteaccess.encryption.password': 'p', 'remoteaccess.encryption.salt': 's' };
    for (const prefix of ['', 'credentials.']) {
      stored = Object.fromEntries(Object.entries(clear).map(([key, text]) => [prefix + key, text]));
      const material = await options.keyMaterial(`tenant${prefix}`);
      expect(material?.password.reveal()).toBe('p');
      expect(material?.salt.reveal()).toBe('s');
    }
    stored = { ...stored, 'credentials.remoteaccess.encryption.salt': '<<Encrypted>>' };
    await expect(options.keyMaterial('t2')).resolves.toBeUndefined();
  });
});
