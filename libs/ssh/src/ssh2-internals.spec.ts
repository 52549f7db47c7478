import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { Client, type ClientChannel } from 'ssh2';
import { Ssh2Internals } from './ssh2-internals';

const manifestOf = (path: string): { version: string; dependencies?: Record<string, string> } =>
  JSON.parse(readFileSync(path, 'utf8')) as { version: string };

/** A client of the real library without a connection. */
function connected(): { internals: Ssh2Internals; protocol: Record<string, unknown> } {
  const client = new Client();
  // With a socket, ssh2 creates its protocol object immediately.
  const sock = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
  client.connect({ sock, username: 'ana', readyTimeout: 0 });
  const { _protocol } = client as unknown as { _protocol: Record<string, unknown> };
  return { internals: new Ssh2Internals(client), protocol: _protocol };
}

it('is written for this version of ssh2: read docs/decisions/0050 before changing it', () => {
  const installed = manifestOf(require.resolve('ssh2/package.json'));
  expect(installed.version).toBe('1.17.0');
  const { dependencies } = manifestOf(join(__dirname, '..', 'package.json'));
  expect(dependencies?.['ssh2']).toBe('1.17.0');
});

it('finds the private members of ssh2 that it uses', () => {
  const { protocol } = connected();
  const methods = ['service', 'authNone', 'authPK', 'session', 'channelWindowAdjust', 'ping'];
  expect(methods.map(name => typeof protocol[name])).toEqual(methods.map(() => 'function'));
  expect(protocol).toMatchObject({
    _authsQueue: [],
    _offer: { lists: { all: expect.any(Buffer) as Buffer } },
    _remoteIdentRaw: undefined,
    _decipher: undefined,
    _buffer: undefined,
    _parse: expect.any(Function) as unknown,
    _packetRW: { write: { allocStart: expect.any(Number) as number } },
    _handlers: {
      SERVICE_ACCEPT: expect.any(Function) as unknown,
      EXT_INFO: expect.any(Function) as unknown,
      USERAUTH_BANNER: expect.any(Function) as unknown,
      USERAUTH_SUCCESS: expect.any(Function) as unknown,
      USERAUTH_FAILURE: expect.any(Function) as unknown,
      USERAUTH_PASSWD_CHANGEREQ: expect.any(Function) as unknown,
      USERAUTH_PK_OK: expect.any(Function) as unknown,
      USERAUTH_INFO_REQUEST: expect.any(Function) as unknown,
    },
  });
});

it.each([
  ['an RSA key with SHA-1', 'ssh-rsa', 'ssh-rsa', false],
  ['a DSA key', undefined, 'ssh-dss', false],
  ['an RSA key with SHA-512', 'rsa-sha2-512', 'ssh-rsa', true],
  ['an Ed25519 key', undefined, 'ssh-ed25519', true],
])('%s signs only when the signature is not weak', (_name, algorithm, type, isSigned) => {
  const { internals, protocol } = connected();
  const attempts: unknown[] = [];
  protocol['authPK'] = (...given: unknown[]) => attempts.push(given);
  const weak: string[] = [];
  internals.declineWeakSignatures(name => weak.push(name));
  const authPK = protocol['authPK'] as (...given: unknown[]) => void;
  authPK('ana', { type }, algorithm);
  expect(attempts).toHaveLength(isSigned ? 1 : 0);
  expect(weak).toEqual(isSigned ? [] : [algorithm ?? type]);
});

it('opens channels with the requested window', () => {
  const { internals, protocol } = connected();
  const opened: unknown[] = [];
  protocol['session'] = (...given: unknown[]) => opened.push(given);
  internals.openWithWindow(1000);
  (protocol['session'] as (...given: unknown[]) => void)(0, 2 ** 21, 32_768);
  expect(opened).toEqual([[0, 1000, 32_768]]);
});

it('reports a first attempt that could not be made', () => {
  const { internals, protocol } = connected();
  const failed: unknown[] = [];
  const cause = new Error('The private key does not sign');
  const handlers = protocol['_handlers'] as Record<string, unknown>;
  handlers['SERVICE_ACCEPT'] = () => {
    throw cause;
  };
  internals.attemptWithService(reason => failed.push(reason));
  (protocol['service'] as (name: string) => void)('ssh-userauth');
  expect(failed).toEqual([cause]);
});

it('sends neither window nor break on a closed channel', () => {
  const { internals, protocol } = connected();
  const granted: unknown[] = [];
  protocol['channelWindowAdjust'] = (...given: unknown[]) => granted.push(given);
  const channel = (state: string): ClientChannel =>
    ({ incoming: { window: 10 }, outgoing: { id: 4, state } }) as unknown as ClientChannel;
  internals.grant(channel('closed'), 5);
  internals.sendBreak(channel('closed'), 5);
  internals.grant(channel('open'), 5);
  expect(granted).toEqual([[4, 5]]);
});

it('shares equal offers between clients', () => {
  const [first, second] = [connected(), connected()];
  const own = second.protocol['_offer'];
  first.internals.shareOffer();
  second.internals.shareOffer();
  expect(second.protocol['_offer']).toBe(first.protocol['_offer']);
  expect(second.protocol['_offer']).toEqual(own);
});

it('releases the last attempt and the replaced methods without sending anything', () => {
  const { internals, protocol } = connected();
  const own = Object.fromEntries(
    ['service', 'authPK', 'authNone'].map(name => [name, protocol[name]]),
  );
  internals.declineWeakSignatures(() => undefined);
  internals.attemptWithService(() => undefined);
  const handlers = protocol['_handlers'] as Record<string, unknown>;
  const algs = ['rsa-sha2-512', 'ssh-ed25519'];
  const tell = handlers['EXT_INFO'] as (protocol: unknown, told: unknown) => void;
  tell(protocol, [{ name: 'server-sig-algs', algs }]);
  // RFC 8308 2.4: servers may send it a second time.
  tell(protocol, [{ name: 'server-sig-algs', algs: ['ssh-ed25519'] }]);
  expect(algs).toHaveLength(2);
  const bytes = Buffer.from('SSH-2.0-server');
  protocol['_remoteIdentRaw'] = bytes;
  protocol['_decipher'] = { _tag: bytes.subarray(4), _len: 3 };
  const sent: unknown[] = [];
  internals.forgetOpening(attempt => {
    sent.push((protocol['authNone'] as (name: string) => unknown)('ana'));
    expect(attempt).toEqual({ type: 'none', username: '' });
  });
  expect(sent).toEqual([undefined]);
  expect(protocol).toMatchObject(own);
  expect(algs).toEqual([]);
  const listening = Object.keys(handlers).filter(name => handlers[name] !== undefined);
  expect(listening.filter(name => /AUTH|EXT_INFO|SERVICE/.test(name))).toEqual([]);
  expect(listening).toContain('CHANNEL_DATA');
  const held = [protocol['_remoteIdentRaw'], (protocol['_decipher'] as { _tag: Buffer })._tag];
  expect(held).toEqual([bytes, bytes.subarray(4)]);
  // Not slices of Node's buffer pool.
  for (const part of held as Buffer[]) expect(part.buffer.byteLength).toBe(part.length);
});
