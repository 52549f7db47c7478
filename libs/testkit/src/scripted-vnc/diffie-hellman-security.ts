import { createDecipheriv, createDiffieHellman, createHash, randomBytes } from 'node:crypto';
import { reverseBits } from './password-security';
import { uint16, type VncSecurity } from './vnc-peer';

/** A 1024-bit group, as used by Apple's servers (RFC 2409, second Oakley group). */
const OAKLEY_2 =
  'ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74' +
  '020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6df25f1437' +
  '4fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed' +
  'ee386bfb5a899fa5ae9f24117c4b1fe649286651ece65381ffffffffffffffff';

/** Apple Remote Desktop. */
export const APPLE_SECURITY: VncSecurity = {
  type: 30,
  check: async (peer, { username, password }) => {
    const prime = Buffer.from(OAKLEY_2, 'hex');
    const group = createDiffieHellman(prime, Buffer.of(2));
    group.generateKeys();
    peer.send(uint16(2), uint16(prime.length), prime, padded(group.getPublicKey(), prime.length));
    const encrypted = await peer.take(128);
    const secret = group.computeSecret(await peer.take(prime.length));
    const key = createHash('md5').update(padded(secret, prime.length)).digest();
    const aes = createDecipheriv('aes-128-ecb', key, null).setAutoPadding(false);
    const texts = aes.update(encrypted);
    return textOf(texts.subarray(0, 64)) === username && textOf(texts.subarray(64)) === password;
  },
};

/** A 64-bit prime. */
const SMALL_PRIME = 0xffff_ffff_ffff_ffc5n;

/** UltraVNC's MS-Logon II. */
export const MS_LOGON_SECURITY: VncSecurity = {
  type: 113,
  check: async (peer, { username, password }) => {
    const exponent = randomBytes(8).readBigUInt64BE();
    peer.send(uint64(5n), uint64(SMALL_PRIME), uint64(power(5n, exponent)));
    const clientPublic = (await peer.take(8)).readBigUInt64BE();
    const secret = uint64(power(clientPublic, exponent));
    const key = Buffer.from(secret.map(reverseBits));
    const read = async (length: number): Promise<string> => {
      const des = createDecipheriv('des-ede3-cbc', Buffer.concat([key, key, key]), secret);
      return textOf(des.setAutoPadding(false).update(await peer.take(length)));
    };
    const received = [await read(256), await read(64)];
    return received[0] === username && received[1] === password;
  },
};

function power(base: bigint, exponent: bigint): bigint {
  if (exponent === 0n) return 1n;
  const half = power(base, exponent / 2n);
  const square = (half * half) % SMALL_PRIME;
  return exponent % 2n === 0n ? square : (square * base) % SMALL_PRIME;
}

function uint64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}

function padded(number: Buffer, length: number): Buffer {
  return Buffer.concat([Buffer.alloc(length - number.length), number]);
}

function textOf(field: Buffer): string {
  return field.subarray(0, field.indexOf(0)).toString();
}
