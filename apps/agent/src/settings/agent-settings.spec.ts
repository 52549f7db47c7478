import { inspect } from 'node:util';
import { type Secret, SettingsError } from '@remote-access/settings';
import { readAgentSettings } from './agent-settings';

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

  it('reports every problem at once', () => {
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
});
