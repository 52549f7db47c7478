import { TelnetClient } from './telnet-client';
import { TelnetServer } from './telnet-server';

/** Both ends, joined without a network. */
function joined() {
  const seen = { typed: '', shown: '', sizes: [] as unknown[], types: [] as string[], breaks: 0 };
  const server: TelnetServer = new TelnetServer({
    typed: bytes => (seen.typed += Buffer.from(bytes).toString()),
    send: bytes => client.receive(bytes),
    sizeIs: size => seen.sizes.push(size),
    terminalTypeIs: name => seen.types.push(name),
    breakReceived: () => (seen.breaks += 1),
  });
  const client: TelnetClient = new TelnetClient(
    {
      size: { cols: 255, rows: 50 },
      terminalTypes: ['xterm-256color'],
      environment: {},
      charsets: [],
      isUtf8: true,
    },
    {
      text: bytes => (seen.shown += Buffer.from(bytes).toString()),
      send: bytes => server.receive(bytes),
      modeChanged: () => undefined,
    },
  );
  server.start();
  return { server, client, seen };
}

it('switches the client to character mode without local echo', () => {
  expect(joined().client.mode).toEqual({ localEcho: false, byLine: false });
});

it('receives the size, each new size, and the terminal type', () => {
  const { client, seen } = joined();
  client.resize({ cols: 65_535, rows: 1 });
  expect(seen.sizes).toEqual([
    { cols: 255, rows: 50 },
    { cols: 65_535, rows: 1 },
  ]);
  expect(seen.types).toEqual(['xterm-256color']);
});

it('receives input and sends output', () => {
  const { server, client, seen } = joined();
  client.type(Buffer.from('Füße\r'));
  server.show(Buffer.from('日本\r\n'));
  expect(seen).toMatchObject({ typed: 'Füße\r', shown: '日本\r\n' });
});

it('receives an interrupt as Ctrl+C, and a break', () => {
  const { client, seen } = joined();
  client.interrupt();
  client.sendBreak();
  expect(seen).toMatchObject({ typed: '\x03', breaks: 1 });
});

it('answers "are you there"', () => {
  const { server, seen } = joined();
  server.receive(Uint8Array.of(255, 246));
  expect(seen.shown).toBe('\r\n[yes]\r\n');
});
