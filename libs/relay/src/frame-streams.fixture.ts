import type { Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import * as ws from 'ws';
import { frameHeader, maskInPlace } from './frame';

/** What a parser made of frames; successive bytes are one entry, in hex. */
export type Seen = [kind: string, ...details: unknown[]];

/** Exported by `ws`, but not in its types. */
const { Receiver } = ws as unknown as { Receiver: new (options: object) => Writable };

/** Adds bytes to the last entry, if that one is of bytes. */
export function addBytes(seen: Seen[], hex: string): void {
  const last = seen.at(-1);
  if (last?.[0] === 'bytes') last[1] = `${String(last[1])}${hex}`;
  else if (hex !== '') seen.push(['bytes', hex]);
}

/**
 * What `ws` makes of chunks; its messages are whole.
 * @param options of the end that reads: a server expects masked frames
 */
export async function parsedByWs(
  chunks: readonly Buffer[],
  { isServer, maxMessageBytes }: { isServer: boolean; maxMessageBytes: number },
): Promise<Seen[]> {
  const seen: Seen[] = [];
  const receiver = new Receiver({
    isServer,
    maxPayload: maxMessageBytes,
    allowSynchronousEvents: true,
  });
  let isOver = false;
  receiver.on('message', (data: Buffer, isBinary: boolean) => {
    if (isBinary) addBytes(seen, data.toString('hex'));
    else seen.push(['text', data.toString()]);
  });
  receiver.on('ping', (payload: Buffer) => seen.push(['ping', payload.toString('hex')]));
  receiver.on('pong', (payload: Buffer) => seen.push(['pong', payload.toString('hex')]));
  receiver.on('conclude', (code: number, reason: Buffer) => {
    isOver = true;
    seen.push(['close', code, reason.toString()]);
  });
  receiver.on('error', (error: Error & Record<symbol, number>) => {
    isOver = true;
    const key = Object.getOwnPropertySymbols(error).find(one => one.description === 'status-code');
    seen.push(['error', error[key!]]);
  });
  for (const chunk of chunks) {
    if (isOver || receiver.destroyed) break;
    receiver.write(Buffer.from(chunk));
  }
  // An error is emitted in a later turn.
  await nextTurn();
  return seen;
}

export interface Frame {
  opcode: number;
  payload: Buffer;
  isFinal?: boolean;
  reservedBits?: number;
  isMasked?: boolean;
}

export function encoded({
  opcode,
  payload,
  isFinal = true,
  reservedBits = 0,
  isMasked = true,
}: Frame): Buffer {
  const mask = isMasked ? Buffer.of(0x37, 0xfa, 0x21, 0x3d) : undefined;
  const header = frameHeader(opcode, payload.length, mask);
  header[0] = (isFinal ? 0x80 : 0) | reservedBits | opcode;
  const body = Buffer.from(payload);
  if (mask) maskInPlace(body, 0, body.length, mask, 0);
  return Buffer.concat([header, body]);
}

/** @returns a whole number from 0 up to, but not including, `below` */
export type Random = (below: number) => number;

/** A small seeded generator (mulberry32), so that a failure can be reproduced. */
export function randomOf(seed: number): Random {
  let state = seed;
  return below => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Printable bytes, the same for the same position: also a valid text. */
export function printable(length: number, random: Random): Buffer {
  const period = Buffer.from(Array.from({ length: 97 }, () => 32 + random(90)));
  return Buffer.alloc(length, period);
}

/** Cuts a stream into pieces of up to a random length. */
export function cut(bytes: Buffer, random: Random): Buffer[] {
  const chunks: Buffer[] = [];
  const longest = [1, 3, 17, 400, 70_000][random(5)]!;
  for (let at = 0; at < bytes.length;) {
    const size = 1 + random(longest);
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

/** Cuts mostly where parts begin, which for frames is within the header, and rarely elsewhere. */
export function cutNearStarts(parts: readonly Buffer[], random: Random): Buffer[] {
  const bytes = Buffer.concat(parts);
  const places = new Set<number>([bytes.length]);
  let start = 0;
  for (const { length } of parts) {
    for (let count = random(4); count > 0; count -= 1) places.add(start + random(16));
    places.add(start + random(length + 1));
    start += length;
  }
  const ordered = [...places].filter(at => at > 0 && at <= bytes.length).sort((a, b) => a - b);
  return ordered.map((to, index) => bytes.subarray(ordered[index - 1] ?? 0, to));
}

/** The first event that differs, without most of its payload; `undefined` if none does. */
export function difference(seen: readonly Seen[], expected: readonly Seen[]): object | undefined {
  for (let at = 0; at < Math.max(seen.length, expected.length); at += 1) {
    const [ours, theirs] = [seen[at], expected[at]].map(event => JSON.stringify(event ?? null));
    if (ours !== theirs) return { at, seen: ours!.slice(0, 80), expected: theirs!.slice(0, 80) };
  }
  return undefined;
}
