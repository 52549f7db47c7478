import { once } from 'node:events';
import { OPTION_CATEGORY } from '@remote-access/contracts/platform';
import { WebSocket } from 'ws';
import { RawDevice } from '../fixtures/raw-device';
import { basic, Stack } from '../fixtures/stack';

const LIST = '/service/remoteaccess/devices/1002/configurations';
const SECRET = 'a value of an encrypted option';

// The platform sends the tenant's encrypted options as headers with every request.
describe('a hosted service whose tenant has 40 KiB of encrypted options', () => {
  let stack: Stack;
  const lines: string[] = [];

  beforeAll(async () => {
    jest.spyOn(process.stdout, 'write').mockImplementation(chunk => {
      lines.push(String(chunk));
      return true;
    });
    stack = await Stack.start({ agent: false, asHosted: true, env: { LOG_LEVEL: 'debug' } });
    const { options } = stack.emulator.store.tenant('t1001')!;
    for (let index = 0; index < 170; index += 1) {
      const key = `credentials.other.${index}`;
      const id = `${OPTION_CATEGORY}/${key}`;
      options.put({ id, category: OPTION_CATEGORY, key, value: SECRET.padEnd(240, '.') });
    }
  });
  afterAll(async () => {
    await stack.stop();
    jest.restoreAllMocks();
    expect(lines.join('')).toContain('/configurations');
    expect(lines.join('')).not.toContain(SECRET);
  });

  it('answers callers with a password, a token and a cookie', async () => {
    const { cookie, xsrfToken, accessToken } = await stack.signIn('operator');
    const callers: Record<string, string>[] = [
      { authorization: basic('operator') },
      { authorization: `Bearer ${accessToken}` },
      { cookie, 'x-xsrf-token': xsrfToken },
    ];
    for (const headers of callers) {
      expect((await fetch(stack.emulator.url + LIST, { headers })).status).toBe(200);
    }
  });

  it('opens a session for a page signed in with a cookie', async () => {
    const body = { name: 'Plc', hostname: '10.0.0.5', port: 502, protocol: 'PASSTHROUGH' } as const;
    const { id } = await stack.addEndpoint(body, '1002');
    const { cookie, xsrfToken } = await stack.signIn('operator');
    const path = `${stack.clientPath(id, '1002')}?XSRF-TOKEN=${xsrfToken}`;
    // The browser's scheme differs from the one that the ingress forwards.
    const origin = stack.emulator.url;
    const client = new WebSocket(stack.webSocketUrl(path), { headers: { cookie, origin } });
    await once(client, 'open');
    const { received } = await new RawDevice(stack).serve();
    client.send(Buffer.from('hello'));
    expect((await received.has(5)).toString()).toBe('hello');
    client.close();
    await received.closed();
  });
});
