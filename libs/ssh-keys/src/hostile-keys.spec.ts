import { readFileSync } from 'node:fs';
import { isRefusal, type Refusal } from '@remote-access/contracts';
import { KeyDeriver } from './derivation/derive-key';
import { generateKeyPair } from './generate-key-pair';
import { KeyInspector, type GivenKeys } from './key-inspector';
import { KeyReader } from './key-reader';
import { DSA, PROTECTED_CONTAINER, PROTECTED_SCRYPT, PUTTY_3 } from './key-vectors.fixture';
import { DER, encodeDer } from './wire/der';
import { sshWire } from './wire/ssh-wire';

// The work that a file requires is checked before any of it starts.
const inspector = new KeyInspector(new KeyReader(new KeyDeriver().derive));
const passphrase = 'secret';

const pem = (label: string, bytes: Buffer): string =>
  `-----BEGIN ${label}-----\n${bytes.toString('base64')}\n-----END ${label}-----\n`;

const bytesOf = (text: string): Buffer => Buffer.from(text.replace(/-----.*-----/g, ''), 'base64');

/** A container that asks for a number of bcrypt rounds. */
function withRounds(rounds: number): string {
  const bytes = bytesOf(PROTECTED_CONTAINER.privateKey);
  // "openssh-key-v1\0", cipher, kdf, length of the options, length of the salt, the salt.
  const at = 15 + (4 + 'aes256-ctr'.length) + (4 + 'bcrypt'.length) + 4 + 4 + 16;
  expect(bytes.readUInt32BE(at)).toBe(16);
  bytes.writeUInt32BE(rounds, at);
  return pem('OPENSSH PRIVATE KEY', bytes);
}

/** Replaces a value in place with one of the same length. */
function replaced(text: string, from: Buffer, to: Buffer): string {
  const bytes = bytesOf(text);
  const at = bytes.indexOf(from);
  expect(at).toBeGreaterThan(0);
  to.copy(bytes, at);
  return pem('ENCRYPTED PRIVATE KEY', bytes);
}

const integer = (value: number, bytes: number): Buffer => {
  const content = Buffer.alloc(bytes);
  content.writeUIntBE(value, 0, bytes);
  return encodeDer.value(DER.integer, content);
};

function withPbkdf2(rounds: number): string {
  const octets = (length: number): Buffer => encodeDer.value(DER.octets, Buffer.alloc(length, 7));
  const parameters = encodeDer.sequence(octets(8), integer(rounds, 5));
  const kdf = encodeDer.sequence(encodeDer.oid('1.2.840.113549.1.5.12'), parameters);
  const cipher = encodeDer.sequence(encodeDer.oid('2.16.840.1.101.3.4.1.42'), octets(16));
  const scheme = encodeDer.sequence(kdf, cipher);
  const algorithm = encodeDer.sequence(encodeDer.oid('1.2.840.113549.1.5.13'), scheme);
  return pem('ENCRYPTED PRIVATE KEY', encodeDer.sequence(algorithm, octets(48)));
}

function hugeDsa(): string {
  const huge = Buffer.alloc(10_000, 0x7f);
  const group = encodeDer.sequence(...[huge, huge, huge].map(encodeDer.integer));
  const algorithm = encodeDer.sequence(encodeDer.oid('1.2.840.10040.4.1'), group);
  const secret = encodeDer.value(DER.octets, encodeDer.integer(huge));
  return pem('PRIVATE KEY', encodeDer.sequence(integer(0, 1), algorithm, secret));
}

function hugeRsa(): string {
  const huge = Buffer.alloc(5_000, 0x7f);
  const numbers = Array.from({ length: 8 }, () => encodeDer.integer(huge));
  return pem('RSA PRIVATE KEY', encodeDer.sequence(integer(0, 1), ...numbers));
}

const putty = (line: string, value: string): string =>
  PUTTY_3.privateKey.replace(new RegExp(`^${line}: .*$`, 'm'), `${line}: ${value}`);

const hugeString = (length: number): string =>
  Buffer.concat([sshWire.string('ssh-rsa'), sshWire.uint32(length)]).toString('base64');

const BOMBS: Readonly<Record<string, [GivenKeys, RegExp]>> = {
  'a million rounds of bcrypt': [{ privateKey: withRounds(1_000_000) }, /1000000 rounds of bcrypt/],
  'four billion rounds of bcrypt': [{ privateKey: withRounds(2 ** 32 - 1) }, /rounds of bcrypt/],
  'no rounds of bcrypt': [{ privateKey: withRounds(0) }, /too few/],
  'two billion rounds of PBKDF2': [{ privateKey: withPbkdf2(2 ** 31) }, /rounds of PBKDF2/],
  'a terabyte for scrypt': [
    { privateKey: replaced(PROTECTED_SCRYPT, integer(8, 1), integer(127, 1)) },
    /memory for scrypt/,
  ],
  'four gigabytes for Argon2': [{ privateKey: putty('Argon2-Memory', '4194304') }, /KiB of memory/],
  'a million passes of Argon2': [{ privateKey: putty('Argon2-Passes', '1000000') }, /passes/],
  'a thousand lanes of Argon2': [{ privateKey: putty('Argon2-Parallelism', '1000') }, /Argon2/],
  'a huge line count': [{ privateKey: putty('Public-Lines', '999999999999') }, /damaged/],
  'a DSA key of 80 000 bits': [{ privateKey: hugeDsa() }, /bits/],
  'an RSA key of 40 000 bits': [{ privateKey: hugeRsa() }, /RSA/],
  'a string of four gigabytes': [{ publicKey: `ssh-rsa ${hugeString(2 ** 32 - 1)}=` }, /damaged/],
  '10 MiB': [{ privateKey: 'A'.repeat(10 * 1024 * 1024) }, /too large/],
  'a line of dashes': [{ privateKey: `-----BEGIN ${'A '.repeat(30_000)}` }, /recognize/],
  'a line of BEGINs': [{ privateKey: 'BEGIN '.repeat(10_000) }, /recognize/],
  'lines of BEGINs': [{ privateKey: '-----BEGIN A\n'.repeat(5_000) }, /recognize/],
  'blocks without END lines': [
    { privateKey: '-----BEGIN RSA PRIVATE KEY-----\n'.repeat(2_000) },
    /cut off/,
  ],
  'an endless header': [
    { publicKey: `---- BEGIN SSH2 PUBLIC KEY ----\n${'a: \\\n'.repeat(12_000)}` },
    /cut off/,
  ],
  'a line of spaces': [{ publicKey: `ssh-rsa${' '.repeat(65_000)}x` }, /cut off/],
  'an endless type': [{ publicKey: `ssh-${'a-'.repeat(32_000)}` }, /recognize/],
  'nested DER': [
    { privateKey: pem('PRIVATE KEY', Buffer.from('30820100'.repeat(10_000), 'hex')) },
    /well formed/,
  ],
  'known_hosts of one long line': [{ hostKey: `${'a,'.repeat(32_000)} ssh-rsa AAAA` }, /cut off/],
};

async function refusalOf(given: GivenKeys): Promise<Refusal> {
  const answer = await inspector.inspect({ ...given, passphrase });
  if (!isRefusal(answer)) throw new Error('The key was accepted');
  return answer;
}

describe('security: a key that requires too much work', () => {
  it.each(Object.entries(BOMBS))(
    'is refused within a second: %s',
    async (_name, [given, words]) => {
      const startedAt = performance.now();
      const { message } = await refusalOf(given);
      expect(performance.now() - startedAt).toBeLessThan(1_000);
      expect(message).toMatch(words);
      expect(message.length).toBeLessThan(250);
    },
  );
});

describe('security: the event loop', () => {
  it('is never blocked for 50 ms while keys are opened, refused and generated', async () => {
    const work = async (): Promise<void> => {
      const open = { privateKey: PROTECTED_CONTAINER.privateKey, passphrase };
      // Two at a time, as in the service.
      await Promise.all([inspector.inspect(open), inspector.inspect(open)]);
      await Promise.all([
        inspector.inspect({ privateKey: PUTTY_3.privateKey, passphrase }),
        inspector.inspect({ privateKey: PROTECTED_SCRYPT, passphrase }),
      ]);
      await Promise.all([
        inspector.inspect({ privateKey: DSA.privateKey }),
        generateKeyPair({ algorithm: 'RSA', bits: 4096 }, ''),
      ]);
      for (const [given] of Object.values(BOMBS)) await refusalOf(given);
    };
    expect(await longestTurnMs(work)).toBeLessThan(50);
  }, 60_000);
});

const CHECK_EVERY_MS = 5;

/**
 * The longest time for which this thread worked, plus up to 5 ms, before timers were served again.
 */
async function longestTurnMs(work: () => Promise<void>): Promise<number> {
  let longest = 0;
  let last = workedMs();
  const look = (): void => {
    const now = workedMs();
    longest = Math.max(longest, now - last);
    last = now;
  };
  const timer = setInterval(look, CHECK_EVERY_MS);
  await work();
  look();
  clearInterval(timer);
  return longest;
}

/** How long this thread has run. If Linux does not tell, other programs distort the result. */
function workedMs(): number {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return performance.now();
  }
}
