/**
 * An I/O request of a handshake. Handshakes are generators without access to sockets: they yield
 * what to read and to send, and a HandshakeRunner, or a test, performs it.
 */
export type Step = ReadStep | PeekStep | SendStep | WaitStep | SecureStep;

export interface ReadStep {
  readonly type: 'read';
  readonly length: number;
  /** Completes the message "The VNC server did not send … in time." */
  readonly what: string;
  /** Less than the time left for the whole handshake. */
  readonly withinMs?: number;
}

/** Takes up to `length` bytes that have already arrived, without waiting. */
export interface PeekStep {
  readonly type: 'peek';
  readonly length: number;
}

export interface SendStep {
  readonly type: 'send';
  readonly bytes: Uint8Array;
}

/** Asynchronous work. It does not count towards the other end's timeout. */
export interface WaitStep {
  readonly type: 'wait';
  readonly work: () => Promise<unknown>;
}

/** Encrypts both directions from here on. The result is the server's key, if it presents one. */
export interface SecureStep {
  readonly type: 'secure';
  readonly layer: SecureLayer;
}

export type SecureLayer =
  | { readonly kind: 'tls'; readonly certificate: 'none' | 'required' }
  | {
      readonly kind: 'messages';
      readonly outgoing: SealedMessages;
      readonly incoming: SealedMessages;
    };

/** The cipher of one direction: it authenticates each message and its position. */
export interface SealedMessages {
  /** @returns the message in its sent form: length, ciphertext and tag */
  seal(message: Uint8Array): Uint8Array;
  /** @returns `undefined` if the message was tampered with */
  open(length: number, sealed: Uint8Array): Uint8Array | undefined;
}

export type Handshake<Result> = Generator<Step, Result, unknown>;

export function* read(length: number, what: string, withinMs?: number): Handshake<Uint8Array> {
  const limit = withinMs === undefined ? {} : { withinMs };
  return (yield { type: 'read', length, what, ...limit }) as Uint8Array;
}

export function* peek(length: number): Handshake<Uint8Array> {
  return (yield { type: 'peek', length }) as Uint8Array;
}

export function* send(...parts: readonly Uint8Array[]): Handshake<void> {
  yield { type: 'send', bytes: joined(parts) };
}

export function* wait<Result>(work: () => Promise<Result>): Handshake<Result> {
  return (yield { type: 'wait', work }) as Result;
}

/** @returns the server's key in SSH's format, if it presented one */
export function* secure(layer: SecureLayer): Handshake<Uint8Array | undefined> {
  return (yield { type: 'secure', layer }) as Uint8Array | undefined;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
