import { startTelnetd, waitUntil, type Telnetd, type TelnetdOptions } from '@remote-access/testkit';
import { Stack } from '../../fixtures/stack';
import type { TerminalClient } from '../../fixtures/terminal-client';
import { ForeignProgram, versionOf } from './compatibility';

const BUSYBOX = { program: 'busybox', args: ['telnetd', '-i', '-l', './login'] };

describe('BusyBox', () => {
  const shell = new ForeignProgram(
    'BusyBox shell on a port',
    versionOf('busybox-static'),
    'what inetd runs on small devices, without Telnet',
  );

  shell.can('begins its lines at the left margin, and gets Tab and Escape', async () => {
    const keys = 'IFS= read -r -n 2 keys; echo "$keys" | busybox cat -vt';
    const args = ['sh', '-c', `echo one; echo two; ${keys}`];
    const [stack, service] = await Promise.all([
      Stack.start(),
      startTelnetd({ program: 'busybox', args }),
    ]);
    try {
      const { id } = await stack.addEndpoint({
        name: 'Shell',
        hostname: '127.0.0.1',
        port: service.port,
        protocol: 'TELNET',
      });
      const client = await stack.connectTerminal(id);
      await client.reads('one\r\ntwo\r\n');
      client.type('\t\x1b');
      await client.reads('^I^[\r\n');
      await client.closed();
    } finally {
      await stack.stop();
      await service.stop();
    }
    return undefined;
  });
});

describe.each<[string, string, string, TelnetdOptions]>([
  ['BusyBox telnetd', 'busybox-static', 'a Telnet server of small devices', BUSYBOX],
  ['GNU inetutils telnetd', 'inetutils-telnetd', 'the Telnet server of Debian', {}],
])('%s', (name, debianPackage, role, options) => {
  const server = new ForeignProgram(name, versionOf(debianPackage), role);
  let stack: Stack;
  let telnetd: Telnetd;

  beforeAll(async () => {
    [stack, telnetd] = await Promise.all([Stack.start(), startTelnetd(options)]);
  }, 30_000);
  afterAll(async () => {
    await stack.stop();
    await telnetd.stop();
  }, 15_000);

  const signedIn = async (): Promise<TerminalClient> => {
    const { id } = await stack.addEndpoint({
      name: 'Small device',
      hostname: '127.0.0.1',
      port: telnetd.port,
      protocol: 'TELNET',
    });
    const client = await stack.connectTerminal(id);
    client.resize(132, 43);
    await client.reaches('open');
    await client.reads('login: ');
    client.type(`${telnetd.user.name}\r`);
    await client.reads('Password: ');
    client.type(`${telnetd.user.password}\r`);
    await client.reads('device$ ');
    return client;
  };

  server.can('takes a sign-in at its prompts, and hides the password', async () => {
    const client = await signedIn();
    expect(client.text).toContain(`login: ${telnetd.user.name}\r\n`);
    expect(client.text).not.toContain(telnetd.user.password);
    client.type('exit\r');
    await client.closed();
    expect(await client.message('ended')).toMatchObject({ by: 'target' });
    return undefined;
  });

  server.can('follows the size of the window and echoes Unicode', async () => {
    const client = await signedIn();
    client.type('stty size\r');
    await client.reads('43 132\r\n');
    client.resize(100, 30);
    client.type('stty size\r');
    await client.reads('30 100\r\n');
    client.type("printf '[%s]\\n' Grüße\r");
    await client.reads('[Grüße]');
    client.disconnect();
    await client.closed();
    return undefined;
  });

  server.can('gets Ctrl+C, which ends the running command', async () => {
    const client = await signedIn();
    client.type('sh -c "echo begin; exec sleep 1000"\r');
    await client.reads('begin\r\n');
    const before = client.text.length;
    client.type('\x03');
    await waitUntil('the prompt is back', () => client.text.slice(before).includes('device$ '));
    client.disconnect();
    await client.closed();
    return undefined;
  });
});
