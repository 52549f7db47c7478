import { sshWire } from '@remote-access/ssh-keys';
import { unpooledCopy } from '@remote-access/streams';
import type { Client, ClientChannel, NextAuthHandler, ParsedKey } from 'ssh2';
import { convertSignature, sendPacket } from 'ssh2/lib/protocol/utils.js';
import type { UserCertificate } from './sign-in';

/** RFC 4250 4.1.2. */
const SSH_MSG_IGNORE = 2;
const SSH_MSG_USERAUTH_REQUEST = 50;
const SSH_MSG_CHANNEL_REQUEST = 98;

/** The client's KEXINIT lists, serialized. */
interface Offer {
  readonly lists: { readonly all: Buffer };
}

/** Offers differ by the types of the pinned keys; beyond this number they are not shared. */
const MAX_SHARED_OFFERS = 64;
const sharedOffers = new Map<string, Offer>();

/** Of RSA signatures; for other keys, the type determines the hash. */
const HASHES: Readonly<Record<string, string>> = {
  'ssh-rsa': 'sha1',
  'rsa-sha2-256': 'sha256',
  'rsa-sha2-512': 'sha512',
};

/** Messages that a server may send during sign-in, but not afterwards. */
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

/** RFC 8308 2.3; `server-sig-algs` contains a list. */
interface Extension {
  readonly name: string;
  readonly algs?: string[];
}

/** A server's disconnect message (RFC 4253 11.1). */
export interface Disconnect {
  readonly reason: number;
  /** Untrusted, and often empty. */
  readonly description: string;
}

type Handler<Rest extends readonly unknown[]> = (protocol: unknown, ...rest: Rest) => void;

/** Private members of ssh2, as of the version pinned in package.json. */
interface Protocol {
  readonly _kex: { readonly sessionID: Buffer };
  /** Set while keys are exchanged; during that time packets are queued without limit. */
  readonly _kexinit: Buffer | undefined;
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
  /** Received bytes without the end of the identification. */
  _buffer: Buffer | undefined;
  /** Until the identification is complete; ssh2 itself replaces it then. */
  _parse: (this: Protocol, chunk: Buffer, start: number, end: number) => number;
  /** For the first key exchange; `undefined` until the server's offer has arrived. */
  readonly _strictMode: boolean | undefined;
  readonly _handlers: Record<
    Exclude<(typeof OPENING_MESSAGES)[number], 'SERVICE_ACCEPT' | 'USERAUTH_INFO_REQUEST'>,
    Handler<[readonly Extension[]]> | undefined
  > & {
    SERVICE_ACCEPT: Handler<[service: string]> | undefined;
    DISCONNECT: Handler<[reason: number, description: string]>;
    CHANNEL_SUCCESS: Handler<[channel: number]>;
    CHANNEL_FAILURE: Handler<[channel: number]>;
    USERAUTH_INFO_REQUEST:
      Handler<[name: string, instructions: string, prompts: readonly unknown[]]> | undefined;
  };
  service(name: string): void;
  pty(...request: unknown[]): void;
  authNone(username: string): void;
  authPK(username: string, key: ParsedKey, algorithm?: string, sign?: unknown): void;
  session(channel: number, windowBytes: number, packetBytes: number): void;
  channelWindowAdjust(channel: number, bytes: number): void;
  ping(): void;
}

/** Callbacks for global requests, answered in order. */
interface GlobalRequests {
  readonly _callbacks: (() => void)[];
}

/** Both directions of a channel. */
interface ChannelEnds {
  readonly incoming: { window: number };
  readonly outgoing: { readonly id: number; readonly state: string };
}

/**
 * The only place that uses private members of ssh2, for what its API cannot do: sign in with an
 * OpenSSH certificate, decline weak signatures, send a break, measure the round trip, and control
 * the channel's window. A test fails when the version of ssh2 changes; docs/decisions/0050 says
 * what to check then.
 */
export class Ssh2Internals {
  private readonly protocol: Protocol;
  private extensions: readonly Extension[] | undefined;
  private said: Disconnect | undefined;

  /** @param client on which `connect` has been called */
  constructor(client: Client) {
    this.protocol = (client as unknown as { _protocol: Protocol })._protocol;
    const { _handlers } = this.protocol;
    const { EXT_INFO: onExtensions } = _handlers;
    _handlers.EXT_INFO = (protocol, extensions) => {
      // ssh2 uses the first message, even if a server sends several.
      this.extensions ??= extensions;
      onExtensions?.(protocol, extensions);
    };
    // ssh2 drops the description if the reason is an ordinary one.
    const { DISCONNECT: onDisconnect } = _handlers;
    _handlers.DISCONNECT = (protocol, reason, description) => {
      this.said ??= { reason, description };
      onDisconnect(protocol, reason, description);
    };
  }

  /**
   * Lets the identification arrive in any number of pieces. ssh2 keeps the first piece, and loses
   * those between it and the latest.
   */
  keepGreeting(): void {
    const { protocol } = this;
    const { _parse: parse } = protocol;
    protocol._parse = (chunk, start, end) => {
      const { _buffer: before } = protocol;
      const next = parse.call(protocol, chunk, start, end);
      if (before && protocol._buffer) {
        protocol._buffer = Buffer.concat([before, chunk.subarray(start, end)]);
      }
      return next;
    };
  }

  /** Set once the server has disconnected with a message. */
  get disconnect(): Disconnect | undefined {
    return this.said;
  }

  /** Whether both ends agreed on strict key exchange (CVE-2023-48795). */
  get isStrict(): boolean {
    return this.protocol._strictMode === true;
  }

  /**
   * Sends the request for a shell without waiting for the answer to the one for a terminal, as OpenSSH and
   * PuTTY do. Waiting costs more than a round trip: sshd delays its small answers until earlier ones are
   * acknowledged, and the gateway's kernel delays acknowledgements by up to 40 ms. A server that refuses a
   * terminal keeps its channel, which ssh2 would close.
   */
  requestTerminalAhead(onRefused: () => void): void {
    const { protocol } = this;
    const { _handlers } = protocol;
    const { CHANNEL_SUCCESS: onSuccess, CHANNEL_FAILURE: onFailure } = _handlers;
    const [request, open] = [protocol.pty.bind(protocol), protocol.session.bind(protocol)];
    let ownChannel = 0;
    protocol.session = (channel, ...limits) => {
      ownChannel = channel;
      open(channel, ...limits);
    };
    protocol.pty = (...given) => {
      const restore = (): void => {
        _handlers.CHANNEL_SUCCESS = onSuccess;
        _handlers.CHANNEL_FAILURE = onFailure;
      };
      // The answers arrive in the order of the requests.
      _handlers.CHANNEL_SUCCESS = restore;
      _handlers.CHANNEL_FAILURE = () => {
        restore();
        onRefused();
      };
      request(...given);
      // To ssh2, the terminal has been granted.
      onSuccess(protocol, ownChannel);
    };
  }

  /**
   * Sends the first sign-in attempt with the request for the service, where ssh2 waits for an answer. Waiting is
   * required only after key exchanges that do not prove the server's key (RFC 4253 10); all of ours do.
   * @param onFailure the attempt could not be made
   */
  attemptWithService(onFailure: (cause: unknown) => void): void {
    const { protocol } = this;
    const { _handlers } = protocol;
    const { SERVICE_ACCEPT: attempt } = _handlers;
    const request = protocol.service.bind(protocol);
    // A server that does not accept the service disconnects.
    _handlers.SERVICE_ACCEPT = undefined;
    protocol.service = name => {
      request(name);
      try {
        attempt?.(protocol, name);
      } catch (cause) {
        onFailure(cause);
      }
    };
  }

  /** ssh2 answers a request without prompts itself and does not report its texts (RFC 4256 3.4). */
  onInstructions(onTexts: (name: string, instructions: string) => void): void {
    const { _handlers } = this.protocol;
    const { USERAUTH_INFO_REQUEST: onRequest } = _handlers;
    _handlers.USERAUTH_INFO_REQUEST = (protocol, name, instructions, prompts) => {
      if (prompts.length === 0) onTexts(name, instructions);
      onRequest?.(protocol, name, instructions, prompts);
    };
  }

  /**
   * Makes public key attempts present this certificate instead. They are signed immediately,
   * because servers check a certificate only together with its signature.
   */
  presentCertificate(certificate: UserCertificate): void {
    const { protocol } = this;
    protocol.authPK = (username, key) => {
      const { algorithm, signatureAlgorithm, hash, blob } = certificate;
      const request = Buffer.concat([
        Buffer.from([SSH_MSG_USERAUTH_REQUEST]),
        sshWire.strings([username, 'ssh-connection', 'publickey']),
        Buffer.from([1]),
        sshWire.strings([algorithm, blob]),
      ]);
      const signed = Buffer.concat([sshWire.strings([protocol._kex.sessionID]), request]);
      // ssh2 may return an Error, contrary to its types.
      const raw = key.sign(signed, hash) as Buffer | Error;
      const signature = raw instanceof Error ? undefined : convertSignature(raw, key.type);
      if (!signature) throw new Error('The private key does not sign');
      const proof = sshWire.strings([sshWire.strings([signatureAlgorithm, signature])]);
      protocol._authsQueue.push('publickey');
      this.send(Buffer.concat([request, proof]));
    };
  }

  /**
   * Signs the first request with a key, where ssh2 asks first whether the key is acceptable. Every
   * answer that does not let the user in costs a round trip, and sshd delays each by 5 to 9 ms.
   */
  signAtOnce(): void {
    const { protocol } = this;
    const attempt = protocol.authPK.bind(protocol);
    protocol.authPK = (username, key, algorithm) => {
      attempt(username, key, algorithm, (bytes: Buffer, done: (signature: Buffer) => void) => {
        // ssh2 may return an Error, contrary to its types.
        const signature = key.sign(bytes, HASHES[algorithm ?? '']) as Buffer | Error;
        if (signature instanceof Error) throw signature;
        done(signature);
      });
    };
    // Nothing was asked. A server that answers nonetheless would get one signature after another.
    protocol._handlers.USERAUTH_PK_OK = undefined;
  }

  /** @param onWeak called instead of an attempt that would be signed with SHA-1 */
  declineWeakSignatures(onWeak: (algorithm: string) => void): void {
    const { protocol } = this;
    const attempt = protocol.authPK.bind(protocol);
    protocol.authPK = (username, key, algorithm, sign) => {
      const used = algorithm ?? key.type;
      if (used === 'ssh-rsa' || used === 'ssh-dss') onWeak(used);
      else attempt(username, key, algorithm, sign);
    };
  }

  /** Sets the initial window of channels that are opened from now on. */
  openWithWindow(windowBytes: number): void {
    const { protocol } = this;
    const open = protocol.session.bind(protocol);
    protocol.session = (channel, _windowBytes, packetBytes) =>
      open(channel, windowBytes, packetBytes);
  }

  /** ssh2 builds the lists of an offer, 2 KiB, for each connection. */
  shareOffer(): void {
    const { protocol } = this;
    const text = protocol._offer.lists.all.toString('latin1');
    const known = sharedOffers.get(text);
    if (known) protocol._offer = known;
    else if (sharedOffers.size < MAX_SHARED_OFFERS) sharedOffers.set(text, protocol._offer);
  }

  /**
   * Releases what only opening needed and ssh2 retains: the last attempt with its password or key,
   * the methods replaced here, the handlers of sign-in messages, and the block of Node's buffer pool
   * around a few bytes.
   *
   * @param answerSignIn gives ssh2 a harmless last attempt to retain instead
   */
  forgetOpening(answerSignIn: NextAuthHandler | undefined): void {
    const { protocol } = this;
    protocol.authNone = () => undefined;
    answerSignIn?.({ type: 'none', username: '' });
    // Restores the methods of the prototype.
    for (const method of ['authNone', 'authPK', 'service', 'session', 'pty']) {
      Reflect.deleteProperty(protocol, method);
    }
    for (const message of OPENING_MESSAGES) protocol._handlers[message] = undefined;
    // ssh2 retains the list itself.
    for (const { algs } of this.extensions ?? []) algs?.splice(0);
    this.extensions = undefined;
    protocol._remoteIdentRaw = unpooledCopy(protocol._remoteIdentRaw);
    for (const [name, value] of Object.entries(protocol._decipher)) {
      if (Buffer.isBuffer(value)) Reflect.set(protocol._decipher, name, unpooledCopy(value));
    }
  }

  /** Hides received bytes from ssh2, which would otherwise grant its own window again. */
  hideReceived(channel: ClientChannel, bytes: number): void {
    ends(channel).incoming.window += bytes;
  }

  grant(channel: ClientChannel, bytes: number): void {
    const { outgoing } = ends(channel);
    if (outgoing.state !== 'closed') this.protocol.channelWindowAdjust(outgoing.id, bytes);
  }

  /** While keys are exchanged, ssh2 queues every packet, whether the server reads or not. */
  get isExchangingKeys(): boolean {
    return this.protocol._kexinit !== undefined;
  }

  /**
   * A global request that servers answer whether they know it or not, as OpenSSH's client sends it.
   */
  ping(client: Client, onAnswer: () => void): void {
    (client as unknown as GlobalRequests)._callbacks.push(onAnswer);
    this.protocol.ping();
  }

  /**
   * Servers ignore this message (RFC 4253 11.2), so it keeps a connection alive without asking for
   * a response.
   */
  sendIgnored(): void {
    this.send(Buffer.concat([Buffer.from([SSH_MSG_IGNORE]), sshWire.strings([''])]));
  }

  /** RFC 4335 3. */
  sendBreak(channel: ClientChannel, lengthMs: number): void {
    const { outgoing } = ends(channel);
    if (outgoing.state !== 'open') return;
    const head = Buffer.concat([
      Buffer.from([SSH_MSG_CHANNEL_REQUEST]),
      sshWire.uint32(outgoing.id),
    ]);
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

function ends(channel: ClientChannel): ChannelEnds {
  return channel as unknown as ChannelEnds;
}
