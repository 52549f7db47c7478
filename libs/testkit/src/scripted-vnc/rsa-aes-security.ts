import {
  constants,
  createHash,
  createPublicKey,
  generateKeyPairSync,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
} from 'node:crypto';
import { EaxCipher } from './eax-cipher';
import { uint16, uint32 } from './vnc-peer';
import type { VncSecurity } from './vnc-security';

export interface RsaAesOptions {
  readonly type: 5 | 6 | 129 | 130;
  /** What the server asks for: a user name and a password, or a password alone. */
  readonly asks?: 'username and password' | 'password';
  /** Proves another pair of keys than was used, as somebody in the middle would have to. */
  readonly liesAboutKeys?: boolean;
}

/** RealVNC's RSA-AES. */
export function rsaAesSecurity(options: RsaAesOptions): VncSecurity {
  const { type, asks = 'username and password', liesAboutKeys = false } = options;
  const isLarge = type > 128;
  const staysSecure = type === 5 || type === 129;
  const keyBytes = isLarge ? 32 : 16;
  const hash = (...parts: Buffer[]): Buffer =>
    createHash(isLarge ? 'sha256' : 'sha1')
      .update(Buffer.concat(parts))
      .digest();
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = publicKey.export({ format: 'jwk' });
  const exponent = Buffer.from(jwk.e ?? '', 'base64url');
  const serverKey = Buffer.concat([
    uint32(2048),
    Buffer.from(jwk.n ?? '', 'base64url'),
    Buffer.alloc(256 - exponent.length),
    exponent,
  ]);
  return {
    type,
    check: async (peer, user) => {
      peer.say(serverKey);
      const bits = await peer.take(4);
      const length = Math.ceil(bits.readUInt32BE() / 8);
      const [n, e] = [await peer.take(length), await peer.take(length)];
      const clientKey = Buffer.concat([bits, n, e]);
      await peer.take(2);
      const padded = privateDecrypt(
        { key: privateKey, padding: constants.RSA_NO_PADDING },
        await peer.take(256),
      );
      const clientRandom = padded.subarray(padded.indexOf(0, 2) + 1);
      const serverRandom = randomBytes(keyBytes);
      const key = createPublicKey({
        key: { kty: 'RSA', n: n.toString('base64url'), e: e.toString('base64url') },
        format: 'jwk',
      });
      const padding = constants.RSA_PKCS1_PADDING;
      const enciphered = publicEncrypt({ key, padding }, serverRandom);
      peer.say(uint16(enciphered.length), enciphered);
      const incoming = new EaxCipher(hash(serverRandom, clientRandom).subarray(0, keyBytes));
      const outgoing = new EaxCipher(hash(clientRandom, serverRandom).subarray(0, keyBytes));
      const proof = hash(serverKey, clientKey);
      peer.say(outgoing.seal(liesAboutKeys ? hash(proof) : proof));
      const told = await peer.takeMessage(incoming);
      if (!told.equals(hash(clientKey, serverKey))) return false;
      peer.say(outgoing.seal(Buffer.of(asks === 'password' ? 2 : 1)));
      const credentials = await peer.takeMessage(incoming);
      const nameLength = credentials[0] ?? 0;
      const username = credentials.subarray(1, 1 + nameLength).toString();
      const password = credentials.subarray(2 + nameLength).toString();
      if (staysSecure) peer.secure(incoming, outgoing);
      return (asks === 'password' || username === user.username) && password === user.password;
    },
  };
}
