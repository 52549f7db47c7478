import { once } from 'node:events';
import { type IncomingMessage, request as sendRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import type { BayeuxMessage } from './bayeux-message';
import { BayeuxSession, MAX_ABSENCE_MS, MAX_QUEUED_MESSAGES } from './bayeux-session';
import { BayeuxServer, CONNECT_TIMEOUT_MS, type Sender } from './bayeux-server';
import { basic, RealtimePlatform } from './platform.fixture';
import { RealtimeChannels } from './channels';

describe('real time by long polling', () => {
  let platform: RealtimePlatform;

  beforeEach(async () => {
    platform = await RealtimePlatform.start();
  });
  afterEach(async () => {
    jest.useRealTimers();
    jest.restoreAllMocks();
    await platform.stop();
  });

  const post = (path: string, body: string, headers: Record<string, string> = {}) => {
    const request = sendRequest({
      host: '127.0.0.1',
      port: platform.port,
      method: 'POST',
      path: `/notification/${path}`,
      headers: { 'content-type': 'application/json', ...headers },
      agent: false,
    });
    request.end(body);
    return request;
  };

  const send = async (path: string, user: string | undefined, messages: unknown) => {
    const headers: Record<string, string> = user ? { authorization: basic(user) } : {};
    const [response] = (await once(post(path, JSON.stringify(messages), headers), 'response')) as [
      IncomingMessage,
    ];
    return JSON.parse(await text(response)) as BayeuxMessage[];
  };

  const handshake = async (path: string, user: string): Promise<string> => {
    const [answer] = await send(`${path}/handshake`, user, [
      { channel: '/meta/handshake', version: '1.0', id: '1' },
    ]);
    return answer!.clientId!;
  };

  const subscribe = async (path: string, user: string, clientId: string, channel: unknown) => {
    const [answer] = await send(`${path}/`, user, [
      { channel: '/meta/subscribe', id: '2', clientId, subscription: channel },
    ]);
    return answer!;
  };

  const connect = (path: string, user: string | undefined, clientId: string, timeout?: number) =>
    send(`${path}/connect`, user, [
      {
        channel: '/meta/connect',
        id: '3',
        clientId,
        connectionType: 'long-polling',
        ...(timeout !== undefined && { advice: { timeout } }),
      },
    ]);

  it('returns a client id and advice', async () => {
    const message = { channel: '/meta/handshake', version: '1.0', id: '7' };
    expect(await send('realtime', 'operator', message)).toEqual([
      {
        channel: '/meta/handshake',
        id: '7',
        clientId: expect.stringMatching(/^[0-9a-f]{40}$/),
        version: '1.0',
        supportedConnectionTypes: ['websocket', 'long-polling'],
        successful: true,
        advice: { reconnect: 'retry', interval: 0, timeout: CONNECT_TIMEOUT_MS },
      },
    ]);
  });

  it('answers the first connect at once and holds the next until something happens', async () => {
    const clientId = await handshake('realtime', 'operator');
    await subscribe('realtime', 'operator', clientId, '/operations/1001');
    const [first] = await connect('realtime', 'operator', clientId, 0);
    expect(first).toMatchObject({ channel: '/meta/connect', id: '3', successful: true });
    const held = connect('realtime', 'operator', clientId);
    const operation = platform.createOperation('1001');
    expect(await held).toEqual([
      { channel: '/operations/1001', data: { realtimeAction: 'CREATE', data: operation } },
      expect.objectContaining({ channel: '/meta/connect', clientId, successful: true }),
    ]);
  });

  it('queues messages between two polls, in order and unchanged', async () => {
    const clientId = await handshake('realtime', 'operator');
    await subscribe('realtime', 'operator', clientId, ['/operations/1001', '/operations/*']);
    const operation = platform.createOperation('1001');
    platform.createOperation('1001', { ...operation, status: 'EXECUTING' });
    platform.tenant.operations.delete(operation.id);
    const answers = await connect('realtime', 'operator', clientId);
    expect(answers.slice(0, -1).map(({ data }) => data)).toEqual([
      { realtimeAction: 'CREATE', data: operation },
      { realtimeAction: 'UPDATE', data: { ...operation, status: 'EXECUTING' } },
      { realtimeAction: 'DELETE', data: operation.id },
    ]);
  });

  it('queues messages for a client that left while its connect was held', async () => {
    const clientId = await handshake('realtime', 'operator');
    await subscribe('realtime', 'operator', clientId, '/operations/1001');
    const message = { channel: '/meta/connect', clientId, connectionType: 'long-polling' };
    const hold = jest.spyOn(BayeuxSession.prototype, 'hold');
    const abandoned = post('realtime/connect', JSON.stringify(message), {
      authorization: basic('operator'),
    });
    abandoned.on('error', () => undefined);
    while (hold.mock.calls.length < 1) await new Promise(setImmediate);
    abandoned.destroy();
    await hold.mock.results[0]!.value;
    const operation = platform.createOperation('1001');
    const answers = await connect('realtime', 'operator', clientId);
    expect(answers[0]).toMatchObject({ data: { data: { id: operation.id } } });
  });

  it('does not deliver to a connection that is gone', async () => {
    const server = new BayeuxServer(new RealtimeChannels(platform.store));
    const sender = (gone: boolean): Sender => ({
      link: { gone, onGone: () => () => undefined },
      signIn: () => () => platform.authentication.fromAuthorization(basic('operator')),
    });
    const [{ clientId } = {}] = await server.receive(
      [{ channel: '/meta/handshake' }],
      sender(false),
    );
    const message = { clientId: clientId! };
    await server.receive(
      [{ ...message, channel: '/meta/subscribe', subscription: '/operations/1001' }],
      sender(false),
    );
    const operation = platform.createOperation('1001');
    server.announce({
      tenant: 't1001',
      area: 'operations',
      deviceId: '1001',
      action: 'CREATE',
      data: operation,
    });
    const connecting = [{ ...message, channel: '/meta/connect' }];
    expect(await server.receive(connecting, sender(true))).toEqual([]);
    expect(await server.receive(connecting, sender(false))).toMatchObject([
      { data: { data: { id: operation.id } } },
      { successful: true },
    ]);
    server.stop();
  });

  it('answers a held connect when its time is up', async () => {
    const clientId = await handshake('realtime', 'operator');
    const answers = await connect('realtime', 'operator', clientId, 20);
    expect(answers).toEqual([
      expect.objectContaining({ channel: '/meta/connect', successful: true }),
    ]);
  });

  it('answers a batch at once, even if it contains a connect', async () => {
    const clientId = await handshake('realtime', 'operator');
    const answers = await send('realtime', 'operator', [
      { channel: '/meta/subscribe', clientId, subscription: '/alarms/1001' },
      { channel: '/meta/connect', clientId, connectionType: 'long-polling' },
    ]);
    expect(answers.map(({ channel, successful }) => [channel, successful])).toEqual([
      ['/meta/subscribe', true],
      ['/meta/connect', true],
    ]);
  });

  it.each([
    ['alarms', '/alarms/1001'],
    ['alarms', '/alarms/*'],
    ['alarms', '/alarmsWithChildren/1001'],
    ['events', '/events/1001'],
    ['events', '/eventsWithChildren/1001'],
  ] as const)('tells of %s on %s', async (area, channel) => {
    const clientId = await handshake('realtime', 'viewer');
    await subscribe('realtime', 'viewer', clientId, channel);
    const record = { id: '1', type: 't', text: 'x', time: 'now', source: { id: '1001' } };
    platform.tenant[area].put(record);
    const [message] = await connect('realtime', 'viewer', clientId, 0);
    expect(message).toEqual({
      channel: channel.replace('*', '1001'),
      data: { realtimeAction: 'CREATE', data: record },
    });
  });

  it('publishes changes of objects, until the client unsubscribes', async () => {
    const clientId = await handshake('realtime', 'viewer');
    await subscribe('realtime', 'viewer', clientId, '/managedobjects/1001');
    const gateway = platform.tenant.managedObjects.get('1001')!;
    platform.tenant.managedObjects.put({ ...gateway, name: 'New name' });
    const [message] = await connect('realtime', 'viewer', clientId, 0);
    expect(message).toMatchObject({
      channel: '/managedobjects/1001',
      data: { realtimeAction: 'UPDATE', data: { name: 'New name' } },
    });
    await send('realtime', 'viewer', {
      channel: '/meta/unsubscribe',
      clientId,
      subscription: '/managedobjects/1001',
    });
    platform.tenant.managedObjects.put(gateway);
    expect(await connect('realtime', 'viewer', clientId, 0)).toHaveLength(1);
  });

  it.each([
    ['viewer', '/operations/1001', 403],
    ['viewer', '/operations/*', 403],
    ['t1002/admin', '/operations/1001', 403],
    ['t1002/admin', '/managedobjects/1001', 403],
    ['device_gw-2', '/operations/1001', 403],
    ['device_gw-1', '/operations/*', 403],
    ['admin', '/operations/424242', 403],
    ['admin', '/operations/1001/more', 501],
    ['admin', '/operationsWithChildren/1001', 501],
    ['admin', '/measurements/1001', 501],
    ['admin', '/**', 501],
    ['admin', undefined, 400],
  ])('refuses %s a subscription to %s with %i (security)', async (user, channel, code) => {
    const clientId = await handshake('realtime', user);
    const answer = await subscribe('realtime', user, clientId, channel);
    expect(answer.successful).toBe(false);
    expect(answer.subscription).toEqual(channel);
    expect(answer.error).toMatch(new RegExp(`^${code}:`));
  });

  it('publishes nothing to other tenants (security)', async () => {
    const clientId = await handshake('realtime', 't1002/admin');
    await subscribe('realtime', 't1002/admin', clientId, '/operations/*');
    platform.createOperation('1001');
    expect(await connect('realtime', 't1002/admin', clientId, 0)).toHaveLength(1);
  });

  it('publishes nothing to a user who lost the permission or was disabled (security)', async () => {
    const clientId = await handshake('realtime', 'operator');
    await subscribe('realtime', 'operator', clientId, '/operations/1001');
    const account = platform.tenant.accounts.get('operator')!;
    platform.tenant.accounts.put({ ...account, roles: [] });
    platform.createOperation('1001');
    expect(await connect('realtime', 'operator', clientId, 0)).toHaveLength(1);
    platform.tenant.accounts.put({ ...account, enabled: false });
    platform.createOperation('1001');
    const [answer] = await connect('realtime', undefined, clientId, 0);
    expect(answer).toMatchObject({ successful: false, advice: { reconnect: 'handshake' } });
  });

  it('does not let another user take over a session (security)', async () => {
    const clientId = await handshake('realtime', 'operator');
    const [answer] = await connect('realtime', 'engineer', clientId, 0);
    expect(answer).toMatchObject({ successful: false, error: `402:${clientId}:Unknown client` });
    const [elsewhere] = await connect('operations', 'operator', clientId, 0);
    expect(elsewhere).toMatchObject({ successful: false });
  });

  it('refuses wrong credentials with 401, and a handshake without credentials', async () => {
    const message = JSON.stringify({ channel: '/meta/handshake', id: '1' });
    const wrong = { authorization: basic('operator', 'wrong') };
    const [response] = (await once(post('realtime', message, wrong), 'response')) as [
      IncomingMessage,
    ];
    response.resume();
    expect(response.statusCode).toBe(401);
    const [answer] = await send('realtime', undefined, JSON.parse(message));
    expect(answer).toMatchObject({ successful: false, advice: { reconnect: 'none' } });
    expect(answer!.error).toMatch(/^401:/);
  });

  it('ends the session on disconnect', async () => {
    const clientId = await handshake('realtime', 'operator');
    const [bye] = await send('realtime', 'operator', { channel: '/meta/disconnect', clientId });
    expect(bye).toMatchObject({ channel: '/meta/disconnect', successful: true });
    const [answer] = await connect('realtime', 'operator', clientId, 0);
    expect(answer).toMatchObject({
      successful: false,
      advice: { reconnect: 'handshake', interval: 0 },
    });
  });

  it('ends the session of a client that stays away', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    const clientId = await handshake('realtime', 'operator');
    jest.advanceTimersByTime(MAX_ABSENCE_MS - 1);
    expect(await connect('realtime', 'operator', clientId, 0)).toMatchObject([
      { successful: true },
    ]);
    jest.advanceTimersByTime(MAX_ABSENCE_MS);
    expect(await connect('realtime', 'operator', clientId, 0)).toMatchObject([
      { successful: false },
    ]);
  });

  it('ends the session when too many messages are queued', async () => {
    const clientId = await handshake('realtime', 'operator');
    await subscribe('realtime', 'operator', clientId, '/operations/1001');
    for (let i = 0; i < MAX_QUEUED_MESSAGES; i += 1) platform.createOperation('1001');
    expect(await connect('realtime', 'operator', clientId, 0)).toHaveLength(
      MAX_QUEUED_MESSAGES + 1,
    );
    for (let i = 0; i <= MAX_QUEUED_MESSAGES; i += 1) platform.createOperation('1001');
    const [answer] = await connect('realtime', 'operator', clientId, 0);
    expect(answer).toMatchObject({ successful: false, advice: { reconnect: 'handshake' } });
  });

  it('refuses to publish', async () => {
    const clientId = await handshake('realtime', 'admin');
    const [answer] = await send('realtime', 'admin', {
      channel: '/operations/1001',
      clientId,
      data: {},
    });
    expect(answer!.error).toMatch(/^403:/);
  });

  it.each([
    ['half an object', '{', 400],
    ['nothing in an array', '[]', 400],
    ['a text', '"text"', 400],
    ['a channel that is not a string', '[{"channel":1}]', 400],
    ['null', '[null]', 400],
    ['too many messages', JSON.stringify(Array(101).fill({ channel: '/meta/connect' })), 400],
    ['too large a body', `"${'x'.repeat(70_000)}"`, 413],
  ])('answers to %s', async (_what, body, status) => {
    const [response] = (await once(post('realtime', body), 'response')) as [IncomingMessage];
    response.resume();
    expect(response.statusCode).toBe(status);
  });

  describe('for devices', () => {
    it('pushes new operations to the device', async () => {
      const clientId = await handshake('operations', 'device_gw-1');
      await subscribe('operations', 'device_gw-1', clientId, '/1001');
      const held = connect('operations', 'device_gw-1', clientId);
      const operation = platform.createOperation('1001');
      platform.createOperation('1002');
      platform.createOperation('1001', { ...operation, status: 'EXECUTING' });
      expect((await held).slice(0, -1)).toEqual([{ channel: '/1001', data: operation }]);
    });

    it('pushes the operations of child devices to the parent', async () => {
      platform.tenant.hierarchy.add({ parent: '1001', kind: 'childDevices', child: '1003' });
      const clientId = await handshake('operations', 'device_gw-1');
      await subscribe('operations', 'device_gw-1', clientId, '/1001');
      const operation = platform.createOperation('1003');
      const [message] = await connect('operations', 'device_gw-1', clientId, 0);
      expect(message).toEqual({ channel: '/1001', data: operation });
    });

    it.each([
      ['device_gw-2', '/1001'],
      ['device_gw-1', '/*'],
      ['device_gw-1', '/424242'],
      ['admin', '/1001'],
      ['t1002/device_gw-t2', '/1001'],
    ])('refuses %s a subscription to %s (security)', async (user, channel) => {
      const clientId = await handshake('operations', user);
      const answer = await subscribe('operations', user, clientId, channel);
      expect(answer.error).toMatch(/^403:/);
    });
  });
});
