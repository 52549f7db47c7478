import { LocalStack, waitUntil } from '@remote-access/testkit';
import { openTerminal } from '../fixtures/local-terminal';

/** If nothing is built yet, the build comes first. */
jest.setTimeout(300_000);

let stack: LocalStack;
afterEach(() => stack.stop());

describe.each([
  [
    "this machine's telnetd",
    {},
    "an imitation of a press controller behind this machine's telnetd",
  ],
  [
    'a small server if there is none',
    { TELNETD: '/no/such/telnetd' },
    'an imitation of a press controller (this machine has no telnetd)',
  ],
])('"Old controller" behind %s', (_what, env, kind) => {
  it('accepts a connection, knows the window size and ends the session on request', async () => {
    stack = await LocalStack.start({ env });
    expect(stack.output).toContain(`"Old controller" is ${kind}, on 127.0.0.1:`);
    const client = await openTerminal(stack, 'Old controller');
    client.resize(91, 33);
    await client.reads('no machine is behind it');
    // The server asks for the terminal type while the first prompt is in transit.
    await waitUntil('size and type are known', () => {
      client.type('size\r');
      return client.text.includes('\r\n91 columns, 33 rows, xterm-256color\r\n');
    });
    client.type('echo Grüße 日本\r');
    await client.reads('\r\nGrüße 日本\r\n');
    client.type('watch\r');
    await client.reads('\x1b[33;1H└');
    client.resize(255, 20);
    await client.reads(`\x1b[20;1H└${'─'.repeat(253)}┘`);
    client.type('q');
    await client.reads('\x1b[?1049l');
    client.type('exit\r');
    await client.closed();
    expect(client.messages.find(({ type }) => type === 'ended')).toMatchObject({ by: 'target' });
  });
});
