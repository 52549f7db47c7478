import { RemoteAccessError } from '@remote-access/contracts';
import {
  COMMANDS,
  OPTIONS,
  SEND,
  subnegotiation,
  TelnetClient,
  TelnetParser,
  windowSizeIs,
} from '@remote-access/telnet';
import { chopped, randomSource, tcpTarget } from '@remote-access/testkit';
import { Stack } from '../fixtures/stack';

const { IAC, SB, SE, WILL, WONT, DO, DONT } = COMMANDS;

function client() {
  const got = { text: 0, sent: [] as number[] };
  const it = new TelnetClient(
    {
      size: { cols: 80, rows: 24 },
      terminalTypes: ['xterm'],
      environment: { LANG: 'C.UTF-8' },
      charsets: ['UTF-8'],
      isUtf8: true,
    },
    {
      text: bytes => (got.text += bytes.length),
      send: bytes => got.sent.push(...bytes),
      modeChanged: () => undefined,
    },
  );
  return { it, got };
}

describe('endless negotiation', () => {
  const flapping = Buffer.from([IAC, WILL, 1, IAC, WONT, 1]);
  const everything = Buffer.from(
    [WILL, DO].flatMap(verb => Array.from({ length: 256 }, (_, at) => [IAC, verb, at]).flat()),
  );

  it.each([
    ['toggling one option', flapping],
    ['offering every option', everything],
    ['repeating a question', Buffer.from(subnegotiation(OPTIONS.TERMINAL_TYPE, [SEND]))],
  ])('by %s gets a bounded number of answers', (_what, loop) => {
    const { it: telnet, got } = client();
    telnet.receive(Uint8Array.of(IAC, DO, OPTIONS.TERMINAL_TYPE));
    const rounds = Math.ceil(2_000_000 / loop.length);
    for (let round = 0; round < rounds; round += 1) telnet.receive(loop);
    // At most 64 answers for each of the 256 options.
    expect(got.sent.length).toBeLessThan(64 * 256 * 6);
    telnet.receive(Buffer.from('still here'));
    expect(got.text).toBe('still here'.length);
  });

  it('by echoing our answers comes to an end', () => {
    const queue: Uint8Array[] = [];
    const { it: telnet, got } = client();
    telnet.receive(Uint8Array.of(IAC, WILL, 1));
    // The server returns every offer as its own: the classic negotiation loop.
    for (let round = 0; round < 10_000; round += 1) {
      queue.push(Uint8Array.from(got.sent.splice(0)));
      const next = queue.shift();
      if (!next || next.length === 0) return;
      telnet.receive(next);
    }
    throw new Error('They still talk after 10 000 rounds');
  });
});

it('an unterminated subnegotiation ends with a reason, in bounded memory', () => {
  const { it: telnet } = client();
  telnet.receive(Uint8Array.of(IAC, SB, OPTIONS.TERMINAL_TYPE));
  const feed = (): void => {
    for (let chunk = 0; chunk < 10; chunk += 1) telnet.receive(new Uint8Array(1_000).fill(65));
  };
  expect(feed).toThrow(RemoteAccessError);
  expect(feed).toThrow('never finished');
});

it.each([...chopped(Buffer.from(windowSizeIs({ cols: 255, rows: 65_535 })))])(
  'a width of 255 is escaped and parsed back unchanged, fed $name',
  ({ pieces }) => {
    const payloads: number[][] = [];
    const parser = new TelnetParser({
      data: () => payloads.push([-1]),
      command: () => payloads.push([-2]),
      negotiation: () => payloads.push([-3]),
      subnegotiation: (_option, payload) => payloads.push([...payload]),
    });
    for (const piece of pieces) parser.feed(piece);
    expect(payloads).toEqual([[0, 255, 255, 255]]);
  },
);

it('random input does not crash the client or add to the output', () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const random = randomSource(seed);
    const { it: telnet, got } = client();
    const special = [IAC, IAC, IAC, SB, SE, WILL, WONT, DO, DONT, 0, 13, 255];
    const noise = Uint8Array.from({ length: 4_000 }, () =>
      random() < 0.5 ? special[Math.floor(random() * special.length)]! : random() * 256,
    );
    try {
      telnet.receive(noise);
    } catch (error) {
      expect(error).toMatchObject({ code: 'target-failed' });
    }
    expect(got.text).toBeLessThanOrEqual(noise.length);
  }
});

it('a session with an unterminated subnegotiation ends with the reason', async () => {
  const stack = await Stack.start();
  const server = await tcpTarget(socket => {
    socket.write(Buffer.from([IAC, SB, 24]));
    socket.write(Buffer.alloc(100_000, 65));
  });
  const { id } = await stack.addEndpoint({
    name: 'Liar',
    hostname: '127.0.0.1',
    port: server.port,
    protocol: 'TELNET',
  });
  const terminal = await stack.connectTerminal(id);
  await terminal.closed();
  expect(terminal.messages.find(({ type }) => type === 'ended')).toMatchObject({
    by: 'target',
    code: 'target-failed',
    text: 'The server started a Telnet option negotiation and never finished it.',
  });
  expect(terminal.output).toHaveLength(0);
  await server.stop();
  await stack.stop();
}, 30_000);
