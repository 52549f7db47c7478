import { tcpTarget, waitUntil } from '@remote-access/testkit';
import { writeToStream } from 'mqtt-packet';
import { DeviceToken } from '../mqtt/device-token';
import type { MqttLinkOptions } from '../mqtt/mqtt-link';
import { NetworkRoute } from '@remote-access/network';
import { VERSION } from '../platform/platform-access';
import type { ConnectTask } from './inbox';
import { MqttInbox } from './mqtt-inbox';
import { ScriptedBroker } from './scripted-broker.fixture';

const FRAGMENT = 'c8y_RemoteAccessConnect';

describe('MqttInbox', () => {
  let broker: ScriptedBroker;
  let inbox: MqttInbox;
  let tasks: ConnectTask[];
  let logged: string[];
  const take = (task: ConnectTask): void => void tasks.push(task);
  const taken = (count: number): Promise<void> =>
    waitUntil(`${count} tasks`, () => tasks.length >= count);
  const inboxOf = (
    token?: DeviceToken,
    protocols: string[] = [],
    more: Partial<MqttLinkOptions> = {},
  ): MqttInbox =>
    new MqttInbox(
      {
        url: broker.url,
        credentials: { user: 't1/device_gw', password: 'p' },
        route: new NetworkRoute(),
        log: (event, { reason = '' } = {}) => logged.push(`${event} ${String(reason)}`),
        ...more,
      },
      { serial: 'gw', name: 'Gateway', type: 'c8y_G', operations: [FRAGMENT], protocols },
      (event, fields) => logged.push(`${event} ${JSON.stringify(fields)}`),
      token,
    );

  beforeEach(async () => {
    broker = await ScriptedBroker.start();
    tasks = [];
    logged = [];
    inbox = inboxOf();
  });
  afterEach(async () => {
    await inbox.close();
    await broker.stop();
  });

  it('declares the device, fails interrupted operations, and requests pending ones', async () => {
    inbox = inboxOf(undefined, ['SSH', 'VNC']);
    await inbox.open(take);
    expect(broker.published).toEqual([
      's/us 100,Gateway,c8y_G',
      `s/us 114,${FRAGMENT}`,
      `s/us 122,remote-access-agent,${VERSION},`,
      's/us 150,SSH,VNC',
      `s/us 507,${FRAGMENT},"the gateway's agent was restarted"`,
      's/us 500',
    ]);
    expect(broker.subscribed).toEqual(['devicecontrol/notifications', 's/ds', 's/e']);
  });

  it('declares all protocols if its list is empty, in place of those of an earlier list', async () => {
    await inbox.open(take);
    expect(broker.published).toContain('s/us 150,VNC,SSH,TELNET,PASSTHROUGH');
  });

  it('identifies operations by id, whichever of the two messages comes first', async () => {
    await inbox.open(take);
    broker.send('s/ds', '530,gw,10.0.0.5,22,key-1');
    broker.notify('7', 'key-1');
    broker.notify('8', 'key-2');
    broker.send('s/ds', '530,gw,h,22,key-2');
    await taken(2);
    expect(tasks[0]).toMatchObject({ hostname: '10.0.0.5', port: 22, connectionKey: 'key-1' });
    await tasks[0]!.executing();
    await tasks[1]!.executing();
    await tasks[1]!.successful();
    await tasks[0]!.failed('no "route", sorry');
    expect(broker.reports).toEqual([
      's/us 504,7',
      's/us 504,8',
      's/us 506,8',
      's/us 505,7,"no \\"route\\", sorry"',
    ]);
    expect(tasks).toHaveLength(2);
  });

  it('without ids, sends final statuses in the order of the operations', async () => {
    broker.refused = ['devicecontrol/notifications'];
    await inbox.open(take);
    broker.send('s/ds', '530,gw,a,22,key-1\n530,gw,b,22,key-2');
    await taken(2);
    await Promise.all([tasks[0]!.executing(), tasks[1]!.executing()]);
    const second = tasks[1]!.failed('too late');
    await tasks[0]!.successful();
    await second;
    expect(broker.reports).toEqual([
      `s/us 501,${FRAGMENT}`,
      `s/us 501,${FRAGMENT}`,
      `s/us 503,${FRAGMENT}`,
      `s/us 502,${FRAGMENT},"too late"`,
    ]);
  });

  it('takes an operation once, even if the broker delivers it again', async () => {
    await inbox.open(take);
    for (let i = 0; i < 3; i += 1) broker.send('s/ds', '530,gw,h,22,key-1');
    broker.notify('7', 'key-1');
    broker.notify('7', 'key-1');
    broker.send('s/ds', '530,gw,h,22,key-2');
    await taken(2);
    expect(tasks.map(({ connectionKey }) => connectionKey)).toEqual(['key-1', 'key-2']);
  });

  it('security: fails an operation that reuses the key of another', async () => {
    await inbox.open(take);
    broker.notify('7', 'key-1');
    await taken(1);
    broker.notify('8', 'key-1');
    broker.notify('8', 'key-1');
    await broker.receives('s/us 505,8,"the connection key was used by another operation"');
    expect(tasks).toHaveLength(1);
    expect(broker.reports).toHaveLength(1);
  });

  it.each([
    ['530', undefined, undefined],
    ['530,gw', undefined, undefined],
    ['530,gw,h,22', 22, undefined],
    ['530,gw,h,no,key', 'no', 'key'],
    ['530,gw,h,22,', 22, undefined],
    ['530,gw,"h\n22,key', undefined, undefined],
    ['530,gw,h,22,key,more', 22, 'key'],
  ])('passes on what the malformed row %j says, to be refused in words', async (row, port, key) => {
    await inbox.open(take);
    broker.send('s/ds', row);
    broker.send('s/ds', '530,gw,h,22,last');
    await waitUntil('the last', () => tasks.some(task => task.connectionKey === 'last'));
    if (row === '530') expect(tasks).toHaveLength(1);
    else expect(tasks[0]).toMatchObject({ port, connectionKey: key });
  });

  it.each(['', '511,gw,reboot', '71,x', 'nonsense', '\n\n', '"', '\u0000'.repeat(1000)])(
    'ignores the row %j',
    async row => {
      await inbox.open(take);
      broker.send('s/ds', row);
      broker.send('devicecontrol/notifications', row);
      broker.send('s/ds', '530,gw,h,22,last');
      await taken(1);
      expect(tasks).toHaveLength(1);
    },
  );

  it.each([
    'null',
    '[]',
    '7',
    '{"id":7,"status":"PENDING","c8y_RemoteAccessConnect":{}}',
    '{"id":"../1","status":"PENDING","c8y_RemoteAccessConnect":{}}',
    '{"id":"7","status":"EXECUTING","c8y_RemoteAccessConnect":{}}',
    '{"id":"7","status":"PENDING","c8y_Restart":{}}',
    '{"id":"7","status":"PENDING","c8y_RemoteAccessConnect":null}',
  ])('ignores the notification %s', async notification => {
    await inbox.open(take);
    broker.send('devicecontrol/notifications', notification);
    broker.send('s/ds', '530,gw,h,22,last');
    await taken(1);
    expect(tasks).toHaveLength(1);
  });

  it('reports for child devices on their own topics', async () => {
    await inbox.open(take);
    broker.send('s/ds', '530,plc 7,h,22,key-1');
    broker.notify('9', 'key-2', { externalSource: { externalId: 'plc 7', type: 'c8y_Serial' } });
    broker.notify('8', 'key-1', { externalSource: { externalId: 'plc 7', type: 'c8y_Serial' } });
    await taken(2);
    await tasks[0]!.executing();
    await tasks[1]!.failed('no');
    expect(broker.reports).toEqual(['s/us/plc 7 504,8', 's/us/plc 7 505,9,no']);
  });

  it('security: a serial number selects the topic of the status, and nothing else', async () => {
    await inbox.open(take);
    broker.onPublish = topic => {
      if (topic === 's/us/gw-2') broker.send('s/e', '41,504,Access is denied');
    };
    broker.send('s/ds', '530,gw-2,10.0.0.5,22,key-1\n530,gw,10.0.0.5,22,key-2');
    broker.notify('8', 'key-1', { externalSource: { externalId: 'gw-2', type: 'c8y_Serial' } });
    broker.notify('9', 'key-2');
    await taken(2);
    const { hostname, port } = tasks[1]!;
    expect(tasks[0]).toMatchObject({ hostname, port, connectionKey: 'key-1' });
    await tasks[0]!.executing();
    await tasks[1]!.executing();
    expect(broker.reports).toEqual(['s/us/gw-2 504,8', 's/us 504,9']);
    await waitUntil('the refusal', () => logged.some(event => event.includes('Access is denied')));
  });

  it.each(['a/b', '#', '+', ''])(
    'security: ignores the serial number %j, which would leave its topic',
    async serial => {
      await inbox.open(take);
      broker.send('s/ds', `530,${serial},h,22,key-1`);
      broker.notify('9', 'key-2', { externalSource: { externalId: serial, type: 'c8y_Serial' } });
      broker.send('s/ds', '530,gw,h,22,last');
      await taken(1);
      expect(tasks.map(({ connectionKey }) => connectionKey)).toEqual(['last']);
    },
  );

  it('reports what it could not while the link was down, and requests pending operations', async () => {
    await inbox.open(take);
    broker.notify('7', 'key-1');
    await taken(1);
    await tasks[0]!.executing();
    broker.drop();
    await tasks[0]!.successful();
    await waitUntil('a new connection', () => broker.connections === 2);
    expect(broker.reports).toEqual(['s/us 504,7', 's/us 506,7']);
    const restarted = broker.published.filter(row => row.includes('507,'));
    expect(restarted).toHaveLength(1);
    expect(broker.published.filter(row => row === 's/us 500')).toHaveLength(2);
  });

  it('resends a status whose acknowledgement was lost', async () => {
    await inbox.open(take);
    broker.notify('7', 'key-1');
    await taken(1);
    let drops = 2;
    broker.onPublish = (_topic, payload) => {
      if (payload.startsWith('505') && drops > 0) {
        drops -= 1;
        broker.drop();
      }
    };
    await tasks[0]!.failed('no');
    expect(broker.reports).toEqual(Array(3).fill('s/us 505,7,no'));
  });

  it('switches off the table of all identifiers, which takes 7 MiB', async () => {
    writeToStream.cacheNumbers = true;
    await inbox.open(take);
    expect(writeToStream.cacheNumbers).toBe(false);
  });

  it('says why the broker refuses it, and keeps trying', async () => {
    broker.returnCode = 4;
    const opened = inbox.open(take);
    await waitUntil('a refusal', () => logged.some(event => event.includes('not listening')));
    broker.returnCode = undefined;
    await opened;
    expect(broker.connections).toBe(1);
  });

  it('says that the broker accepts the connection and never answers', async () => {
    const silent = await tcpTarget(() => undefined);
    inbox = inboxOf(undefined, [], {
      url: `mqtt://127.0.0.1:${silent.port}`,
      connectTimeoutMs: 100,
    });
    const opened = inbox.open(take);
    await waitUntil('the reason', () => logged.length > 0);
    await inbox.close();
    await opened;
    await silent.stop();
    expect(logged[0]).toBe('not listening the MQTT broker did not answer');
  });

  describe('with a token', () => {
    const jwt = (name: string, seconds: number): string =>
      ['h', JSON.stringify({ sub: name, iat: 1_000, exp: 1_000 + seconds }), 's']
        .map((part, index) => (index === 1 ? Buffer.from(part).toString('base64url') : part))
        .join('.');

    it('requests one on every connection, and the next one in time', async () => {
      const token = new DeviceToken();
      inbox = inboxOf(token);
      let issued = 0;
      broker.onPublish = topic => {
        if (topic !== 's/uat') return;
        issued += 1;
        // 0.2 s, so the next one is requested after 50 ms.
        broker.send('s/dat', `71,${jwt(`n${issued}`, 0.2)}`);
      };
      await inbox.open(take);
      const first = await token.authorization();
      expect(first).toMatch(/^Bearer h\./);
      await waitUntil('two more tokens', () => issued >= 3);
      await waitUntil('a newer one', () => issued >= 4);
      expect(await token.authorization()).not.toBe(first);
    });

    it('ignores anything that is not a token', async () => {
      const token = new DeviceToken();
      inbox = inboxOf(token);
      await inbox.open(take);
      for (const text of ['', '71', '71,', '71,a b', '71,x\r\ny', '70,a,b,c']) {
        broker.send('s/dat', text);
      }
      broker.send('s/dat', `71,${jwt('good', 3600)}`);
      expect(await token.authorization()).toBe(`Bearer ${jwt('good', 3600)}`);
    });
  });
});
