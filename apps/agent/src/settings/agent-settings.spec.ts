import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { type Secret, SettingsError } from '@remote-access/settings';
import { temporaryFolder } from '@remote-access/testkit';
import { readAgentSettings } from './agent-settings';
import { readSettingsFile } from './settings-file';
import { exampleSettingsFile } from './settings-reference';
import { SETTINGS } from './settings-schema';

const ENV = {
  C8Y_BASEURL: 'https://tenant.example.com/',
  DEVICE_USER: 't1001/device_gw-1',
  DEVICE_PASSWORD: 'open sesame',
  DEVICE_EXTERNAL_ID: 'gw-1',
};

describe('readAgentSettings', () => {
  it('reads the environment', () => {
    const settings = readAgentSettings({
      ...ENV,
      ALLOW_TARGETS: '10.0.0.0/8, plc.local:502',
      DENY_TARGETS: '10.0.0.1',
    });
    expect(settings).toMatchObject({
      baseUrl: 'https://tenant.example.com',
      user: 't1001/device_gw-1',
      externalId: 'gw-1',
      targets: {
        allow: [{ text: '10.0.0.0/8' }, { text: 'plc.local:502' }],
        deny: [{ text: '10.0.0.1' }],
      },
    });
    expect((settings.password as Secret).reveal()).toBe('open sesame');
  });

  it('prefers the id of the device', () => {
    expect(readAgentSettings({ ...ENV, DEVICE_ID: '1001' })).toMatchObject({ deviceId: '1001' });
  });

  it('never prints the password (security)', () => {
    const settings = readAgentSettings(ENV);
    expect(inspect(settings) + JSON.stringify(settings) + String(settings.password)).not.toMatch(
      /sesame/,
    );
  });

  it('accepts only files that can be read', () => {
    const read = () => readAgentSettings({ ...ENV, CA_FILE: '/' });
    expect(read).toThrow('- CA_FILE: there is no file /');
  });

  it('reports all problems together', () => {
    const read = () =>
      readAgentSettings({ C8Y_BASEURL: 'ftp://x', ALLOW_TARGETS: '10.0.0.0/99,a b' });
    expect(read).toThrow(SettingsError);
    expect(read).toThrow(
      [
        'Cannot start:',
        '- C8Y_BASEURL is not an http or https URL',
        '- DEVICE_USER is not set',
        '- DEVICE_PASSWORD is not set',
        '- Neither DEVICE_EXTERNAL_ID nor DEVICE_ID is set',
        '- ALLOW_TARGETS: "10.0.0.0/99" is not an address, network or host name',
        '- ALLOW_TARGETS: "a b" is not an address, network or host name',
      ].join('\n'),
    );
  });

  it('refuses credentials in the URL (security)', () => {
    const read = () => readAgentSettings({ ...ENV, C8Y_BASEURL: 'https://user:pass@x.example' });
    expect(read).toThrow(/must not contain credentials/);
    expect(read).not.toThrow(/pass@/);
  });

  describe('with a file', () => {
    const folder = temporaryFolder('settings');
    const path = join(folder.path, 'agent.toml');
    const readFile = (toml: string, env: NodeJS.ProcessEnv = {}) => {
      writeFileSync(path, toml);
      return readAgentSettings(env, path);
    };
    const MINIMAL = `
      [platform]
      url = "https://tenant.example.com"
      [device]
      external_id = "gw-1"
      user = "t1001/device_gw-1"
      password = "open sesame"
    `;
    afterAll(() => folder.remove());

    it('reads settings from it, overridden by the environment', () => {
      const settings = readFile(
        `${MINIMAL}
        operations = ["c8y_Restart"]
        [transport]
        type = "mqtt"
        [limits]
        sessions = 20
        bytes_per_second = 250_000
        [consent]
        command = ["/bin/ask", "--now, please"]
        [targets]
        allow = ["10.0.0.0/8:22", "*:5900-5910"]`,
        { MAX_SESSIONS: '5', DEVICE_USER: 'other' },
      );
      expect(settings).toMatchObject({
        user: 'other',
        externalId: 'gw-1',
        operations: ['c8y_Restart'],
        transport: 'mqtt',
        mqttUrl: 'mqtts://tenant.example.com:8883',
        limits: { sessions: 5, bytesPerSecond: 250_000, sessionSeconds: 0 },
        consent: { command: ['/bin/ask', '--now, please'], timeoutSeconds: 20 },
        targets: { allow: [{ text: '10.0.0.0/8:22' }, { text: '*:5900-5910' }] },
      });
    });

    it.each([
      ['[platform]\nurl = 7', `${path}: platform.url must be a text`],
      ['[limits]\nsessions = "7"', `${path}: limits.sessions must be a number`],
      ['[targets]\nallow = "10.0.0.1"', `${path}: targets.allow must be a list of texts`],
      ['[platform]\nurll = "x"', `${path}: there is no setting platform.urll`],
      ['url = "x"', `${path}: "url" belongs in a table, such as [platform]`],
      ['[platform\n', `${path}, line 1: `],
      ['', 'platform.url (or C8Y_BASEURL) is not set'],
      [`${MINIMAL}[transport]\ntype = "fax"`, 'transport.type (or TRANSPORT) is not one of'],
      [`${MINIMAL}[transport]\nmqtt_url = "x"\ntype = "mqtt"`, 'transport.mqtt_url (or MQTT_URL)'],
      [`${MINIMAL}certificate_file = "/nowhere"`, 'device.key_file (or DEVICE_KEY_FILE) belong'],
      [`${MINIMAL}protocols = ["FTP"]`, '"FTP" is not one of VNC, SSH'],
      [`${MINIMAL}[limits]\nsessions = -1`, 'limits.sessions (or MAX_SESSIONS) is not a whole'],
      [
        `${MINIMAL}[limits]\nsession_seconds = 2_592_000`,
        'limits.session_seconds (or MAX_SESSION_SECONDS) is not a whole number from 0 to 2073600',
      ],
      [`${MINIMAL}[consent]\ncommand = []`, 'consent.command (or CONSENT_COMMAND) is not'],
    ])('refuses %j', (toml, problem) => {
      expect(() => readFile(toml)).toThrow(problem);
    });

    it('refuses a file that does not exist', () => {
      expect(() => readAgentSettings({}, '/no/such/file')).toThrow(/cannot be read/);
    });

    it('uses MQTT and no password for a device with a certificate', () => {
      const settings = readAgentSettings({
        C8Y_BASEURL: 'https://tenant.example.com',
        DEVICE_EXTERNAL_ID: 'gw-1',
        DEVICE_CERTIFICATE_FILE: path,
        DEVICE_KEY_FILE: path,
      });
      expect(settings).toMatchObject({ transport: 'mqtt', network: { certificateFile: path } });
      expect(settings.password).toBeUndefined();
    });

    it('uses the credentials stored by registration', () => {
      const credentialsFile = join(folder.path, 'credentials.toml');
      const env = {
        C8Y_BASEURL: 'https://tenant.example.com',
        DEVICE_EXTERNAL_ID: 'gw-1',
        BOOTSTRAP_PASSWORD: 'secret',
        CREDENTIALS_FILE: credentialsFile,
      };
      expect(readAgentSettings(env).user).toBeUndefined();
      writeFileSync(credentialsFile, '[device]\nuser = "t1/device_gw-1"\npassword = "own"');
      const settings = readAgentSettings(env);
      expect(settings.user).toBe('t1/device_gw-1');
      expect((settings.password as Secret).reveal()).toBe('own');
    });

    it.each([
      [{ HTTPS_PROXY: 'http://p:1' }, 'http://p:1'],
      [{ https_proxy: 'http://p:2', HTTP_PROXY: 'http://p:3' }, 'http://p:2'],
      [{ C8Y_BASEURL: 'http://x.example', HTTPS_PROXY: 'http://p:1' }, undefined],
      [{ C8Y_BASEURL: 'http://x.example', HTTP_PROXY: 'http://p:3' }, 'http://p:3'],
    ])('takes the proxy for the platform from %j', (env, proxy) => {
      expect(readAgentSettings({ ...ENV, ...env }).network?.proxy).toBe(proxy);
    });

    it("explains every setting in the package's file, which sets none", () => {
      const example = exampleSettingsFile();
      writeFileSync(path, example);
      expect(readSettingsFile(path)).toEqual({});
      const set = example.replace(/^#(\w+ = )/gm, '$1');
      writeFileSync(path, set);
      expect(Object.keys(readSettingsFile(path))).toEqual(SETTINGS.map(one => one.variable));
    });
  });
});
