import { MessageCipher, TAG_BYTES } from '../crypto/aes-eax';
import type { RsaKey, RsaPublicKey } from '../crypto/cryptography';
import { rsaKeyBlob } from '../crypto/ssh-key-blob';
import { BIG_ENDIAN } from '../handshake/big-endian';
import {
  type Handshake,
  read,
  type SealedMessages,
  secure,
  send,
  wait,
} from '../handshake/handshake';
import { SECURITY_TYPES } from '../handshake/security-types';
import { requireCredentials, type SignInContext, type SignInMethod } from './sign-in-method';

/** RealVNC's RSA-AES, as described by the rfbproto community. */
interface Variant {
  readonly type: number;
  readonly name: string;
  /** AES-128 goes with SHA-1, AES-256 with SHA-256. */
  readonly hash: { readonly sha: 1 | 256; readonly keyBytes: 16 | 32; readonly bytes: 20 | 32 };
  /** Whether the stream stays encrypted after the sign-in. */
  readonly staysSecure: boolean;
}

const SMALL = { sha: 1, keyBytes: 16, bytes: 20 } as const;
const LARGE = { sha: 256, keyBytes: 32, bytes: 32 } as const;

const SERVER_KEY_BITS = { least: 1024, most: 8192 } as const;
/** Larger exponents would only keep the client busy. */
const MAX_EXPONENT_BYTES = 8;
const CLIENT_KEY_BITS = 2048;

/** The values with which the server asks for credentials. */
const SUBTYPES = { USERNAME_AND_PASSWORD: 1, PASSWORD: 2 } as const;

const MAX_TEXT_BYTES = 255;

/** In order of preference: variants that stay encrypted come first. */
export const RSA_AES: readonly SignInMethod[] = [
  { type: SECURITY_TYPES.RA2_256, name: 'RA2-256', hash: LARGE, staysSecure: true },
  { type: SECURITY_TYPES.RA2, name: 'RA2', hash: SMALL, staysSecure: true },
  { type: SECURITY_TYPES.RA2_NE_256, name: 'RA2ne-256', hash: LARGE, staysSecure: false },
  { type: SECURITY_TYPES.RA2_NE, name: 'RA2ne', hash: SMALL, staysSecure: false },
].map(methodOf);

function methodOf(variant: Variant): SignInMethod {
  return {
    type: variant.type,
    name: variant.name,
    needs: 'username and password',
    provesKey: true,

    *run(context): Handshake<void> {
      const server = yield* serverKey(context);
      yield* wait(() => context.checkServerKey(rsaKeyBlob(server)));
      const client = yield* wait(() => context.cryptography.makeRsaKey(CLIENT_KEY_BITS));
      const clientRandom = context.cryptography.randomBytes(variant.hash.keyBytes);
      const encrypted = context.cryptography.rsaEncrypt(server, clientRandom);
      yield* send(keyMessage(client), BIG_ENDIAN.uint16(encrypted.length), encrypted);
      const serverRandom = yield* receivedRandom(variant, client, context);
      const { cryptography } = context;
      const keyFrom = (first: Uint8Array, second: Uint8Array): Uint8Array =>
        cryptography.sha(variant.hash.sha, first, second).subarray(0, variant.hash.keyBytes);
      const outgoing = new MessageCipher(keyFrom(serverRandom, clientRandom), cryptography);
      const incoming = new MessageCipher(keyFrom(clientRandom, serverRandom), cryptography);
      yield* exchangeHashes(variant, [client, server], { outgoing, incoming }, context);
      yield* sendCredentials({ outgoing, incoming }, context);
      if (variant.staysSecure) yield* secure({ kind: 'messages', outgoing, incoming });
    },
  };
}

function* serverKey({ errors }: SignInContext): Handshake<RsaPublicKey> {
  const bits = BIG_ENDIAN.readUint32(yield* read(4, 'its RSA key'));
  if (bits < SERVER_KEY_BITS.least || bits > SERVER_KEY_BITS.most) {
    throw errors.brokenSignIn(`its RSA key has ${bits} bits`);
  }
  const length = Math.ceil(bits / 8);
  const modulus = yield* read(length, 'its RSA key');
  const exponent = yield* read(length, 'its RSA key');
  const isUsable = exponent.findIndex(byte => byte !== 0) >= length - MAX_EXPONENT_BYTES;
  if (!isUsable) throw errors.brokenSignIn('its RSA key cannot be used');
  return { modulus, exponent };
}

/** The number of bits, then modulus and exponent in fields of equal length. */
function keyMessage({ modulus, exponent }: RsaPublicKey): Uint8Array {
  const message = new Uint8Array(4 + 2 * modulus.length);
  message.set(BIG_ENDIAN.uint32(modulus.length * 8));
  message.set(modulus, 4);
  message.set(exponent, message.length - exponent.length);
  return message;
}

function* receivedRandom(
  { hash }: Variant,
  client: RsaKey,
  { errors }: SignInContext,
): Handshake<Uint8Array> {
  const length = BIG_ENDIAN.readUint16(yield* read(2, 'its random number'));
  if (length !== client.modulus.length)
    throw errors.brokenSignIn('its random number has the wrong length');
  const padded = client.decrypt(yield* read(length, 'its random number'));
  const random = padded.subarray(-hash.keyBytes);
  // PKCS #1 v1.5: 00 02, non-zero random bytes, 00.
  const isPadded =
    padded[0] === 0 && padded[1] === 2 && padded.indexOf(0, 2) === length - hash.keyBytes - 1;
  if (!isPadded) throw errors.brokenSignIn('its random number cannot be decrypted');
  return random;
}

interface Directions {
  readonly outgoing: SealedMessages;
  readonly incoming: SealedMessages;
}

/** Both ends prove that they received the same two keys. */
function* exchangeHashes(
  { hash }: Variant,
  [client, server]: readonly [RsaPublicKey, RsaPublicKey],
  { outgoing, incoming }: Directions,
  context: SignInContext,
): Handshake<void> {
  const { cryptography, errors } = context;
  const [ofClient, ofServer] = [keyMessage(client), keyMessage(server)];
  yield* send(outgoing.seal(cryptography.sha(hash.sha, ofClient, ofServer)));
  const expected = cryptography.sha(hash.sha, ofServer, ofClient);
  const received = yield* message(incoming, hash.bytes, 'its hash of the keys', context);
  if (!received.every((byte, at) => byte === expected[at])) {
    throw errors.brokenSignIn(
      'the keys do not match, so someone may be intercepting the connection',
    );
  }
}

function* sendCredentials(
  { outgoing, incoming }: Directions,
  context: SignInContext,
): Handshake<void> {
  const [subtype] = yield* message(incoming, 1, 'its request for credentials', context);
  const asksUsername = subtype === SUBTYPES.USERNAME_AND_PASSWORD;
  if (!asksUsername && subtype !== SUBTYPES.PASSWORD) {
    throw context.errors.brokenSignIn('it asks for an unknown kind of credentials');
  }
  const needs = asksUsername ? 'username and password' : 'password';
  const { username, password } = yield* requireCredentials(context, needs);
  const fields = [asksUsername ? username : '', password].map(text => {
    const bytes = new TextEncoder().encode(text).subarray(0, MAX_TEXT_BYTES);
    return [bytes.length, ...bytes];
  });
  yield* send(outgoing.seal(Uint8Array.from(fields.flat())));
}

function* message(
  incoming: SealedMessages,
  expectedLength: number,
  what: string,
  { errors }: SignInContext,
): Handshake<Uint8Array> {
  const length = BIG_ENDIAN.readUint16(yield* read(2, what));
  if (length !== expectedLength) throw errors.brokenSignIn(`${what} has ${length} bytes`);
  const opened = incoming.open(length, yield* read(length + TAG_BYTES, what));
  if (!opened) throw errors.brokenSignIn(`${what} was tampered with`);
  return opened;
}
