import { SettingsError } from '@remote-access/settings';
import { tcpTarget, temporaryFolder, type TcpTarget } from '@remote-access/testkit';
import { portRefusal, readCommandLine } from './command-line';
import { Emulator } from './emulator';

describe('the command line', () => {
  it('defaults to port 8080 and no data folder', () => {
    expect(readCommandLine([], {})).toEqual({
      port: 8080,
      allowedOrigins: [],
      appsFolders: {},
    });
  });

  it('reads all options', () => {
    const args = [
      ...['--port', '0', '--https-port=8443', '--data', '/data'],
      ...['--apps', 'devicemanagement=/a=b', '--apps', 'public/login=/c'],
      ...['--microservice-url', 'http://127.0.0.1:9'],
      ...['--microservice-url', 'http://127.0.0.1:10/'],
    ];
    const env = {
      PORT: '1',
      PASSWORD: 'secret',
      ALLOWED_ORIGINS: 'https://a.example, http://b:81',
    };
    expect(readCommandLine(args, env)).toEqual({
      port: 0,
      password: 'secret',
      allowedOrigins: ['https://a.example', 'http://b:81'],
      https: { port: 8443, folder: '/data' },
      dataFolder: '/data',
      appsFolders: { devicemanagement: '/a=b', 'public/login': '/c' },
      microservice: {
        name: 'cloud-remote-access',
        contextPath: 'remoteaccess',
        urls: ['http://127.0.0.1:9', 'http://127.0.0.1:10'],
      },
    });
  });

  it('reads the ports from the environment', () => {
    const env = { PORT: '81', HTTPS_PORT: '82' };
    expect(readCommandLine(['--https-folder', '/ca'], env)).toMatchObject({
      port: 81,
      https: { port: 82, folder: '/ca' },
    });
  });

  it('treats an empty password as absent, and refuses invalid origins', () => {
    expect(readCommandLine([], { PASSWORD: '' })).not.toHaveProperty('password');
    expect(() => readCommandLine([], { ALLOWED_ORIGINS: 'stack.example' })).toThrow(
      'ALLOWED_ORIGINS: "stack.example" is not an origin',
    );
  });

  it.each([
    ['--port', 'x'],
    ['--port', '65536'],
    ['--https-port', '-1'],
    ['--apps', 'nothing'],
    ['--apps', '=/folder'],
    ['--microservice-url', 'localhost:1'],
    ['--other', '1'],
    ['something', 'else'],
  ])('refuses %s %s', (...args) => {
    expect(() => readCommandLine(args, {})).toThrow(SettingsError);
  });

  describe('if a port is taken', () => {
    const folder = temporaryFolder('taken-ports');
    let taken: TcpTarget;
    beforeAll(async () => (taken = await tcpTarget()));
    afterAll(async () => {
      await taken.stop();
      folder.remove();
    });

    it.each([
      ['--port', 'PORT'],
      ['--https-port', 'HTTPS_PORT'],
      ['--mqtt-port', 'MQTT_PORT'],
      ['--mqtts-port', 'MQTTS_PORT'],
    ])('names %s', async (option, variable) => {
      const args = ['--port', '0', '--https-folder', folder.path, option, String(taken.port)];
      const options = readCommandLine(args, {});
      const cause: unknown = await Emulator.start(options).catch((error: unknown) => error);
      expect(portRefusal(options, cause)).toBe(
        `Port ${taken.port} is taken; choose another one with ${option} or ${variable}`,
      );
    });

    it('says nothing about other errors', () => {
      const options = readCommandLine(['--port', '0'], {});
      expect(portRefusal(options, new Error('no port'))).toBeUndefined();
      expect(portRefusal(options, { code: 'EADDRINUSE', port: 1 })).toBeUndefined();
    });
  });
});
