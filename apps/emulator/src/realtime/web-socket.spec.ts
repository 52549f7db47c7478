import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import type { BayeuxMessage } from './bayeux-message';
import { basic, RealtimePlatform } from './platform.fixture';

describe('real time over WebSockets', () => {
  let platform: RealtimePlatform;
  const opened: WebSocket[] = [];

  beforeEach(async () => {
    platform = await RealtimePlatform.start();
  });
  afterEach(async () => {
    for (const webSocket of opened.splice(0)) webSocket.terminate();
    await platform.stop();
  });

  const dial = async (headers: Record<string, string> = {}, path = 'realtime') => {
    const webSocket = new WebSocket(`ws://127.0.0.1:${platform.port}/notification/${path}`, {
      headers,
    });
    opened.push(webSocket);
    await once(webSocket, 'open');
    return webSocket;
  };

  const receive = async (webSocket: WebSocket): Promise<BayeuxMessage[]> => {
    const [data] = (await once(webSocket, 'message')) as [Buffer];
    return JSON.parse(data.toString()) as BayeuxMessage[];
  };

  const ask = (webSocket: WebSocket, message: unknown): Promise<BayeuxMessage[]> => {
    const answer = receive(webSocket);
    webSocket.send(JSON.stringify([message]));
    return answer;
  };

  const handshake = async (webSocket: WebSocket, authn?: object): Promise<BayeuxMessage> => {
    const [answer] = await ask(webSocket, {
      channel: '/meta/handshake',
      version: '1.0',
      ...(authn && { ext: { 'com.cumulocity.authn': authn } }),
    });
    return answer!;
  };

  it('ends the connection, not the process, when a message cannot be handled', async () => {
    const webSocket = await dial();
    jest.spyOn(platform.authentication, 'fromToken').mockImplementation(() => {
      throw new Error('unforeseen');
    });
    const stderr = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const closed = once(webSocket, 'close') as Promise<[number, Buffer]>;
    webSocket.send(
      JSON.stringify([
        { channel: '/meta/handshake', ext: { 'com.cumulocity.authn': { token: 'a' } } },
      ]),
    );
    const [code, reason] = await closed;
    expect([code, reason.toString()]).toEqual([1011, 'Internal error']);
    expect(stderr).toHaveBeenCalledWith(expect.stringContaining('unforeseen'));
    jest.restoreAllMocks();
    expect(await handshake(await dial(), { token: btoa('operator:remote-access') })).toMatchObject({
      successful: true,
    });
  });

  it('closes a connection without a handshake, and no other (security)', async () => {
    const hurried = await RealtimePlatform.start(500);
    const open = async (): Promise<WebSocket> => {
      const webSocket = new WebSocket(`ws://127.0.0.1:${hurried.port}/notification/realtime`);
      opened.push(webSocket);
      await once(webSocket, 'open');
      return webSocket;
    };
    const client = await open();
    await handshake(client, { token: btoa('operator:remote-access') });
    const refused = await open();
    const refusedClosed = once(refused, 'close') as Promise<[number]>;
    await handshake(refused, { token: btoa('operator:wrong') });
    const [code] = (await once(await open(), 'close')) as [number];
    expect([code, (await refusedClosed)[0]]).toEqual([1008, 1008]);
    expect(client.readyState).toBe(client.OPEN);
    await hurried.stop();
  });

  it('pushes at once, while a connect is held', async () => {
    const webSocket = await dial();
    const { clientId } = await handshake(webSocket, { token: btoa('operator:remote-access') });
    await ask(webSocket, {
      channel: '/meta/subscribe',
      clientId,
      subscription: '/operations/1001',
    });
    webSocket.send(
      JSON.stringify([{ channel: '/meta/connect', clientId, connectionType: 'websocket' }]),
    );
    for (let i = 0; i < 3; i += 1) {
      const pushed = receive(webSocket);
      const operation = platform.createOperation('1001');
      expect(await pushed).toEqual([
        { channel: '/operations/1001', data: { realtimeAction: 'CREATE', data: operation } },
      ]);
    }
  });

  it('authenticates by header, by token, or by cookie with its XSRF token', async () => {
    const { token, xsrfToken } = cookieSignIn(platform, 'operator');
    const cookie = { cookie: `authorization=${token}` };
    const cases = [
      await handshake(await dial({ authorization: basic('operator') })),
      await handshake(await dial(), { token }),
      await handshake(await dial(cookie), { xsrfToken }),
    ];
    expect(cases.map(({ successful }) => successful)).toEqual([true, true, true]);
  });

  it('refuses a cookie without its XSRF token (security)', async () => {
    const { token } = cookieSignIn(platform, 'operator');
    const cookie = { cookie: `authorization=${token}` };
    for (const authn of [undefined, { xsrfToken: 'guessed' }, { token: 7 }]) {
      const answer = await handshake(await dial(cookie), authn);
      expect(answer).toMatchObject({ successful: false, advice: { reconnect: 'none' } });
    }
  });

  it('continues a session on another connection with the queued messages', async () => {
    const first = await dial();
    const { clientId } = await handshake(first, { token: btoa('operator:remote-access') });
    await ask(first, { channel: '/meta/subscribe', clientId, subscription: '/operations/*' });
    first.terminate();
    const second = await dial();
    await waitUntilGone(platform);
    const operation = platform.createOperation('1002');
    const [message, connected] = await ask(second, { channel: '/meta/connect', clientId });
    expect(message).toMatchObject({ data: { data: { id: operation.id } } });
    expect(connected).toMatchObject({ channel: '/meta/connect', successful: true });
  });

  it('closes the connection after a disconnect', async () => {
    const webSocket = await dial();
    const { clientId } = await handshake(webSocket, { token: btoa('operator:remote-access') });
    const closed = once(webSocket, 'close');
    await ask(webSocket, { channel: '/meta/disconnect', clientId });
    expect((await closed)[0]).toBe(1000);
  });

  it.each(['no JSON', '[]', '{"channel":1}'])('closes a connection that sends %s', async sent => {
    const webSocket = await dial();
    webSocket.send(sent);
    const [code] = (await once(webSocket, 'close')) as [number];
    expect(code).toBe(1007);
  });

  it('closes a connection that sends too much', async () => {
    const webSocket = await dial();
    webSocket.send('x'.repeat(70_000));
    const [code] = (await once(webSocket, 'close')) as [number];
    expect(code).toBe(1009);
  });

  it('disconnects a client that does not read', async () => {
    const webSocket = await dial();
    const { clientId } = await handshake(webSocket, { token: btoa('operator:remote-access') });
    await ask(webSocket, { channel: '/meta/subscribe', clientId, subscription: '/operations/*' });
    webSocket.pause();
    const closed = once(webSocket, 'close');
    const text = 'x'.repeat(1_000_000);
    for (let i = 0; i < 40; i += 1) {
      platform.createOperation('1001', { text });
      await new Promise(setImmediate);
    }
    webSocket.resume();
    await closed;
  });

  it.each(['websocket', 'long-polling'])('serves the CometD client by %s', async transport => {
    // The client consists of ES modules, which Jest cannot load, so it runs in a separate process.
    const client = spawn(
      process.execPath,
      [join(__dirname, 'cometd-client.fixture.mjs'), String(platform.port), transport],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const said: string[] = [];
    const all = text(
      client.stdout.on('data', (chunk: Buffer) => {
        said.push(chunk.toString());
        if (said.join('') === 'subscribed\n')
          platform.createOperation('1001', { description: 'first' });
        if (said.join('').endsWith('first\n'))
          platform.createOperation('1001', { description: 'second' });
      }),
    );
    expect(await all).toBe('subscribed\nCREATE first\nCREATE second\ndisconnected\n');
  });
});

function cookieSignIn(
  platform: RealtimePlatform,
  user: string,
): { token: string; xsrfToken: string } {
  const { token, claims } = platform.authentication.tokens.issue('t1001', user);
  return { token, xsrfToken: claims.xsrfToken };
}

/** Once the server has answered on another connection, it has noticed that the other one is cut. */
async function waitUntilGone(platform: RealtimePlatform): Promise<void> {
  const other = new WebSocket(`ws://127.0.0.1:${platform.port}/notification/realtime`);
  await once(other, 'open');
  other.close();
  await once(other, 'close');
}
