import type { IncomingMessage } from 'node:http';
import { TextDecoder } from 'node:util';
import { Global, Injectable, Module } from '@nestjs/common';
import { isRefusal, orThrow, RemoteAccessError } from '@remote-access/contracts';
import type { Request, RequestHandler, Response } from 'express';
import {
  MemoryBudget,
  type MemoryOwner,
  UNAUTHENTICATED,
  UNREAD_BYTES,
} from '../memory/memory-budget';

/** An endpoint with its keys takes a few kilobytes. The error catalogue documents this limit. */
const MAX_BODY_BYTES = 1024 * 1024;

/** Most bodies are smaller; the buffer for a body of unknown length grows from this size. */
const FIRST_BUFFER_BYTES = 16 * 1024;

/** A body's bytes, its text, and what is parsed from it. */
const COPIES_OF_BODY = 4;

/** How long a caller whose body is not read has to read the response. */
const LINGER_MS = 1_000;

export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || declaredBytes(headers) > 0;
}

/** Whether part of the body has not arrived yet. */
export function isBodyUnread(request: IncomingMessage): boolean {
  return hasBody(request) && !request.complete;
}

/**
 * Accounts for the parts of bodies that arrive along with the headers, before the caller is known.
 */
export function limitUnreadBodies(memory: MemoryBudget): RequestHandler {
  return (request, response, next) => {
    if (!hasBody(request)) return next();
    const reserved = memory.reserve(UNAUTHENTICATED, UNREAD_BYTES);
    if (isRefusal(reserved)) return next(reserved);
    response.once('close', () => reserved.release());
    next();
  };
}

/** Reads the bodies of requests, charged to the caller's memory. */
@Injectable()
export class RequestBodies {
  constructor(private readonly memory: MemoryBudget) {}

  /**
   * Controllers call this once they have admitted the caller, so that unknown callers cannot fill
   * memory.
   *
   * @returns the value of a JSON body, the text of any other; an empty object if there is none
   * @throws RemoteAccessError `malformed-request`, `payload-too-large`, `unsupported-media-type`,
   *   `too-many-requests`
   */
  async read(request: Request, caller: MemoryOwner): Promise<unknown> {
    if (!hasBody(request)) return {};
    const declared = declaredBytes(request.headers) || MAX_BODY_BYTES;
    if (declared > MAX_BODY_BYTES) throw new RemoteAccessError('payload-too-large');
    // The caller left while its identity was checked, so nothing would release the memory.
    if (request.res!.destroyed) throw new RemoteAccessError('malformed-request');
    const reserved = orThrow(this.memory.reserve(caller, COPIES_OF_BODY * declared));
    request.res!.once('close', () => reserved.release());
    return readBody(request);
  }
}

async function readBody(request: Request): Promise<unknown> {
  const decoder = decoderFor(request);
  // The server leaves the response to `Expect: 100-continue` to the reader of the body.
  if (request.headers.expect !== undefined) request.res!.writeContinue();
  const text = decoder.decode(await readBytes(request));
  if (!request.is(['json', '+json'])) return text;
  return text === '' ? {} : parseObject(text);
}

/** A bare string would be mistaken for the text of another media type. */
function parseObject(text: string): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new RemoteAccessError('malformed-request', { cause });
  }
  if (typeof value === 'object' && value !== null) return value;
  throw new RemoteAccessError('malformed-request');
}

function decoderFor({ headers }: Request): TextDecoder {
  const [, charset = 'utf-8'] =
    /;\s*charset="?([^\s";]+)/i.exec(headers['content-type'] ?? '') ?? [];
  // Compressed bodies are not accepted: a megabyte can inflate to a gigabyte.
  const encoding = headers['content-encoding'] ?? 'identity';
  try {
    if (encoding.toLowerCase() === 'identity') return new TextDecoder(charset);
  } catch {
    // An unknown character set.
  }
  throw new RemoteAccessError('unsupported-media-type');
}

/** Copies into one buffer, so that a body sent byte by byte takes no more memory than any other. */
function readBytes(request: Request): Promise<Buffer> {
  const declared = declaredBytes(request.headers);
  return new Promise((resolve, reject) => {
    let buffer = Buffer.allocUnsafe(Math.min(declared || FIRST_BUFFER_BYTES, MAX_BODY_BYTES));
    let length = 0;
    const settle = (error?: RemoteAccessError): void => {
      request.off('data', onData).off('end', onEnd).off('close', onClose);
      if (error) reject(error);
      else resolve(buffer.subarray(0, length));
    };
    const onData = (chunk: Buffer): void => {
      const needed = length + chunk.length;
      if (needed > MAX_BODY_BYTES) return settle(new RemoteAccessError('payload-too-large'));
      if (needed > buffer.length) {
        const larger = Buffer.allocUnsafe(
          Math.min(Math.max(needed, 2 * buffer.length), MAX_BODY_BYTES),
        );
        buffer.copy(larger, 0, 0, length);
        buffer = larger;
      }
      chunk.copy(buffer, length);
      length = needed;
    };
    const onEnd = (): void => settle();
    const onClose = (): void => settle(new RemoteAccessError('malformed-request'));
    request.on('data', onData).on('end', onEnd).on('close', onClose);
  });
}

/** 0 if the length is unknown. */
function declaredBytes(headers: IncomingMessage['headers']): number {
  return Number(headers['content-length'] ?? 0);
}

/**
 * Responds at once, and reads only as much of the request as is needed for the response to arrive:
 * closing a socket with unread bytes resets the connection, and the reset can overtake the
 * response.
 */
export function answerWithoutReading(request: Request, response: Response, body: object): void {
  if (response.destroyed) return;
  const text = JSON.stringify(body);
  response.shouldKeepAlive = false;
  response.type('json').setHeader('Content-Length', Buffer.byteLength(text));
  response.write(text);
  const timer = setTimeout(() => response.end(), LINGER_MS);
  response.once('close', () => clearTimeout(timer));
  request.once('end', () => response.end());
  request.resume();
}

@Global()
@Module({ providers: [RequestBodies], exports: [RequestBodies] })
export class RequestBodiesModule {}
