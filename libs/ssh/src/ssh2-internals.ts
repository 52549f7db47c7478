import { sshWire } from '@remote-access/ssh-keys';
import type { Client, ClientChannel, NextAuthHandler, ParsedKey } from 'ssh2';
import { convertSignature, sendPacket } from 'ssh2/lib/protocol/utils.js';
import type { UserCertificate } from './user-certificate';

/** RFC 4250 4.1.2. */
const USERAUTH_REQUEST = 50;
const CHANNEL_REQUEST = 98;

/** The lists of algorithms that a client offers, in the form in which they are sent. */
interface Offer {
  readonly lists: { readonly all: Buffer };
}

/** Offers differ by the types of the pinned keys; what comes beyond so many is not shared. */
const MAX_SHARED_OFFERS = 64;
const sharedOffers = new Map<string, Offer>();

/** What a server may send while it is signed in to, and not after that. */
const OPENING_MESSAGES = [
  'SERVICE_ACCEPT',
  'EXT_INFO',
  'USERAUTH_BANNER',
  'USERAUTH_SUCCESS',
  'USERAUTH_FAILURE',
  'USERAUTH_PASSWD_CHANGEREQ',
  'USERAUTH_PK_OK',
  'USERAUTH_INFO_REQUEST',
] as const;

/** RFC 8308: what a server can do; `server-sig-algs` is a list. */
interface Extension {
  readonly name: string;
  readonly algs?: string[];
}

/** What ssh2 keeps to itself, as it stands in the version that package.json pins. */
interface Protocol {
  readonly _kex: { readonly sessionID: Buffer };
  readonly _authsQueue: string[];
  readonly _packetRW: {
    readonly write: {
      readonly allocStart: number;
      alloc(payloadLength: number): Buffer;
      finalize(packet: Buffer): unknown;
    };
  };
  _offer: Offer;
  _remoteIdentRaw: Buffer;
  readonly _decipher: object;
  readonly _handlers: Record<
    (typeof OPENING_MESSAGES)[number],
    ((protocol: unknown, told: readonly Extension[]) => void) | undefined
  >;
  authNone(username: string): void;
  authPK(username: string, key: ParsedKey, algorithm?: string, sign?: unknown): void;
  session(channel: number, windowBytes: number, packetBytes: number): void;
  channelWindowAdjust(channel: number, bytes: number): void;
}

/** The ends of a channel, each with its number and the window it has been granted. */
interface ChannelEnds {
  readonly incoming: { window: number };
  readonly outgoing: { readonly id: number; readonly state: string };
}

/**
 * The only place that reaches into ssh2, for what it cannot do: sign in with an OpenSSH
 * certificate, decline weak signatures, send a break, and keep a window of our size. A test fails
 * when the version of ssh2 changes; docs/decisions/0050 says what to look at then.
 */
export class Ssh2Internals {
  private readonly protocol: Protocol;
  private extensions: readonly Extension[] | undefined;

  /** @param client on which `connect` has been called */
  constructor(client: Client) {
    this.protocol = (client as unknown as { _protocol: Protocol })._protocol;
    const { _handlers } = this.protocol;
    const { EXT_INFO: onExtensions } = _handlers;
    _handlers.EXT_INFO = (protocol, extensions) => {
      // ssh2 takes the first, however many a server sends.
      this.extensions ??= extensions;
      onExtensions?.(protocol, extensions);
    };
  }

  /**
   * Attempts with a public key show this certificate in its place, and are signed at once: what a
   * server thinks of a certificate, it says only then.
   */
  presentCertificate(certificate: UserCertificate): void {
    const { protocol } = this;
    protocol.authPK = (username, key) => {
      const { algorithm, signatureAlgorithm, hash, blob } = certificate;
      const request = Buffer.concat([
        Buffer.from([USERAUTH_REQUEST]),
        sshWire.strings([username, 'ssh-connection', 'publickey']),
        Buffer.from([1]),
        sshWire.strings([algorithm, blob]),
      ]);
      const signed = Buffer.concat([sshWire.strings([protocol._kex.sessionID]), request]);
      // ssh2's type has no Error, its code has.
      const raw = key.sign(signed, hash) as Buffer | Error;
      const signature = raw instanceof Error ? undefined : convertSignature(raw, key.type);
      if (!signature) throw new Error('The private key does not sign');
      const proof = sshWire.strings([sshWire.strings([signatureAlgorithm, signature])]);
      protocol._authsQueue.push('publickey');
      this.send(Buffer.concat([request, proof]));
    };
  }

  /** @param onWeak is called in place of an attempt that would be signed with SHA-1 */
  declineWeakSignatures(onWeak: (algorithm: string) => void): void {
    const { protocol } = this;
    const attempt = protocol.authPK.bind(protocol);
    protocol.authPK = (username, key, algorithm, sign) => {
      const used = algorithm ?? key.type;
      if (used === 'ssh-rsa' || used === 'ssh-dss') onWeak(used);
      else attempt(username, key, algorithm, sign);
    };
  }

  /** Channels that are opened from now on are granted so many bytes at first. */
  openWithWindow(windowBytes: number): void {
    const { protocol } = this;
    const open = protocol.session.bind(protocol);
    protocol.session = (channel, _windowBytes, packetBytes) =>
      open(channel, windowBytes, packetBytes);
  }

  /** ssh2 makes the lists of an offer anew for each connection, 2 KiB. */
  shareOffer(): void {
    const { protocol } = this;
    const text = protocol._offer.lists.all.toString('latin1');
    const known = sharedOffers.get(text);
    if (known) protocol._offer = known;
    else if (sharedOffers.size < MAX_SHARED_OFFERS) sharedOffers.set(text, protocol._offer);
  }

  /**
   * Lets go of what only opening needs and ssh2 keeps: the last attempt, with its password or
   * key, what was replaced here, who listens to answers of the sign-in, and the 8 KiB of Node's
   * pool around some bytes.
   *
   * @param answerSignIn takes another last attempt
   */
  forgetOpening(answerSignIn: NextAuthHandler | undefined): void {
    const { protocol } = this;
    protocol.authNone = () => undefined;
    answerSignIn?.({ type: 'none', username: '' });
    // What the class has is under what was replaced.
    for (const method of ['authNone', 'authPK', 'session']) {
      Reflect.deleteProperty(protocol, method);
    }
    for (const message of OPENING_MESSAGES) protocol._handlers[message] = undefined;
    // ssh2 holds the list itself.
    for (const { algs } of this.extensions ?? []) algs?.splice(0);
    this.extensions = undefined;
    protocol._remoteIdentRaw = ownBytes(protocol._remoteIdentRaw);
    for (const [name, value] of Object.entries(protocol._decipher)) {
      if (Buffer.isBuffer(value)) Reflect.set(protocol._decipher, name, ownBytes(value));
    }
  }

  /** Bytes that came and that ssh2 must not count: its own window would be granted anew. */
  disregard(channel: ClientChannel, bytes: number): void {
    ends(channel).incoming.window += bytes;
  }

  grant(channel: ClientChannel, bytes: number): void {
    const { outgoing } = ends(channel);
    if (outgoing.state !== 'closed') this.protocol.channelWindowAdjust(outgoing.id, bytes);
  }

  /** RFC 4335 3; the server may ignore it. */
  sendBreak(channel: ClientChannel, lengthMs: number): void {
    const { outgoing } = ends(channel);
    if (outgoing.state !== 'open') return;
    const head = Buffer.concat([Buffer.from([CHANNEL_REQUEST]), sshWire.uint32(outgoing.id)]);
    const body = Buffer.concat([
      sshWire.strings(['break']),
      Buffer.from([0]),
      sshWire.uint32(lengthMs),
    ]);
    this.send(Buffer.concat([head, body]));
  }

  private send(payload: Buffer): void {
    const { protocol } = this;
    const { write } = protocol._packetRW;
    const start = write.allocStart;
    const packet = write.alloc(payload.length);
    packet.set(payload, start);
    sendPacket(protocol, write.finalize(packet));
  }
}

/** A copy in memory of its own: a few bytes of Node's pool keep all of it. */
function ownBytes(bytes: Buffer): Buffer {
  const copy = Buffer.alloc(bytes.length);
  copy.set(bytes);
  return copy;
}

function ends(channel: ClientChannel): ChannelEnds {
  return channel as unknown as ChannelEnds;
}
