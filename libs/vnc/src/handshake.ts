/**
 * One thing that a handshake wants of whoever runs it. A handshake knows no sockets: it says what
 * to read and what to send, and so it is the same whole, byte by byte and in a test.
 */
export type Step = ReadStep | PeekStep | SendStep | WaitStep | SecureStep;

export interface ReadStep {
  readonly type: 'read';
  readonly length: number;
  /** What is waited for, as it stands in "The VNC server did not send … in time." */
  readonly what: string;
}

/** Asks for what has come already, at most so much, without waiting. */
export interface PeekStep {
  readonly type: 'peek';
  readonly length: number;
}

export interface SendStep {
  readonly type: 'send';
  readonly bytes: Uint8Array;
}

/** Work that takes its time; what the other end may take does not count meanwhile. */
export interface WaitStep {
  readonly type: 'wait';
  readonly work: () => Promise<unknown>;
}

/** From here on both directions are enciphered; answered by the server's key, where it shows one. */
export interface SecureStep {
  readonly type: 'secure';
  readonly layer: SecureLayer;
}

/** How bytes are enciphered. */
export type SecureLayer =
  | { readonly kind: 'tls'; readonly certificate: 'none' | 'shown' }
  | {
      readonly kind: 'messages';
      readonly outgoing: SealedMessages;
      readonly incoming: SealedMessages;
    };

/** Messages of one direction, each enciphered and authenticated by its place in the order. */
export interface SealedMessages {
  /** The whole of a message: its length, the cipher text and the tag. */
  seal(message: Uint8Array): Uint8Array;
  /** @returns `undefined` for a message that somebody changed */
  open(length: number, sealed: Uint8Array): Uint8Array | undefined;
}

/** A handshake as numbered steps; what it returns is its outcome, what it throws its failure. */
export type Handshake<Result> = Generator<Step, Result, unknown>;

export function* read(length: number, what: string): Handshake<Uint8Array> {
  return (yield { type: 'read', length, what }) as Uint8Array;
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

/** @returns the server's key as SSH has it, where the layer shows one */
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
