import { inspect } from 'node:util';
import { SettingsError } from '@remote-access/settings';
import { readSettings } from './settings';

const GOOD = {
  C8Y_BASEURL: 'http://cumulocity:8111/',
  C8Y_BOOTSTRAP_TENANT: 'management',
  C8Y_BOOTSTRAP_USER: 'servicebootstrap',
  C8Y_BOOTSTRAP_PASSWORD: 'hunter2',
};

function problemsOf(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    readSettings(env);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

describe('settings', () => {
  it('are read from the environment, with defaults', () => {
    const settings = readSettings(GOOD);
    expect(settings).toMatchObject({
      serverHost: '0.0.0.0',
      serverPort: 80,
      metricsPort: undefined,
      platformUrl: 'http://cumulocity:8111',
      applicationKey: undefined,
      isolation: 'MULTI_TENANT',
      allowedOrigins: [],
      sealing: undefined,
      previousSealing: undefined,
      stalledReaderMs: 600_000,
      stopGraceMs: 10_000,
      sessionQuotas: { perUser: 100, perDevice: 200 },
      logLevel: 'info',
    });
    expect(Object.isFrozen(settings)).toBe(true);
  });

  it('trust the networks of a cluster if none of our variables is set', () => {
    expect(readSettings(GOOD)).toMatchObject({ hosted: true });
    expect(readSettings(GOOD).trustedProxies.check('10.0.0.1')).toBe(true);
    expect(readSettings(GOOD).trustedProxies.check('11.0.0.1')).toBe(false);
    for (const ours of [{ TRUSTED_PROXIES: '' }, { ALLOWED_ORIGINS: 'https://a.example' }]) {
      const settings = readSettings({ ...GOOD, ...ours });
      expect(settings.hosted).toBe(false);
      expect(settings.trustedProxies.check('10.0.0.1')).toBe(false);
    }
  });

  it('report every problem at once', () => {
    const env = {
      C8Y_BASEURL: 'ftp://x',
      SERVER_PORT: '70000',
      C8Y_MICROSERVICE_ISOLATION: 'NONE',
      TRUSTED_PROXIES: '10.0.0.0/8, 10.0.0.0/99, 10.0.0.0/8.5, nonsense',
      NATS_URL: 'nats://user:100%@nats',
      ALLOWED_ORIGINS: 'https://good.example, data:text',
      SEALING_SALT: 'salt',
      MEMORY_LIMIT: 'much',
      LOG_LEVEL: 'loud',
    };
    expect(problemsOf(env)).toEqual([
      'C8Y_MICROSERVICE_ISOLATION is not one of MULTI_TENANT, PER_TENANT',
      'SERVER_PORT is not a port number',
      'NATS_URL is not a nats or tls URL',
      'C8Y_BASEURL is not an http or https URL',
      'C8Y_BOOTSTRAP_TENANT is not set',
      'C8Y_BOOTSTRAP_USER is not set',
      'C8Y_BOOTSTRAP_PASSWORD is not set',
      'TRUSTED_PROXIES: "10.0.0.0/99" is not an IP address or a CIDR block',
      'TRUSTED_PROXIES: "10.0.0.0/8.5" is not an IP address or a CIDR block',
      'TRUSTED_PROXIES: "nonsense" is not an IP address or a CIDR block',
      'ALLOWED_ORIGINS: "data:text" is not an origin',
      'SEALING_PASSWORD and SEALING_SALT must be set together',
      'MEMORY_LIMIT is not a size such as 512M',
      'LOG_LEVEL is not one of error, warn, info, debug',
    ]);
  });

  it.each([
    ['512M', 512e6],
    ['512Mi', 512 << 20],
    ['1G', 1e9],
    ['1GiB', 1 << 30],
    ['300000', 300_000],
  ])('read a memory limit of %s', (text, bytes) => {
    expect(readSettings({ ...GOOD, MEMORY_LIMIT: text }).memoryLimitBytes).toBe(bytes);
  });

  it('have a default memory limit if none is set', () => {
    expect(readSettings(GOOD).memoryLimitBytes).toBeGreaterThan(32 << 20);
  });

  it('require the service user with PER_TENANT isolation', () => {
    const env = { ...GOOD, C8Y_MICROSERVICE_ISOLATION: 'PER_TENANT', C8Y_TENANT: 't1' };
    expect(problemsOf(env)).toEqual(['C8Y_USER is not set', 'C8Y_PASSWORD is not set']);
  });

  it('never print a secret', () => {
    const settings = readSettings({
      ...GOOD,
      SEALING_PASSWORD: 'hunter3',
      SEALING_SALT: 'hunter4',
    });
    const printed = [JSON.stringify(settings), inspect(settings, { depth: 9, showHidden: true })];
    for (const text of [...printed, String(settings.bootstrap.password)]) {
      expect(text).not.toContain('hunter');
    }
    expect(settings.bootstrap.password.reveal()).toBe('hunter2');
  });
});
