import { EventEmitter, once } from 'node:events';
import { createServer, request as sendRequest, type IncomingMessage, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { isRefusal } from '@remote-access/contracts';
import express, { type Request, type Response } from 'express';
import { MemoryBudget } from '../memory/memory-budget';
import { limitUnreadBodies, RequestBodies } from './request-body';

const MAX_BODY_BYTES = 1024 * 1024;
const ANA = { tenant: 't1', userName: 'ana' };
/** Two bodies of unknown length, each with everything made from it. */
const LIMIT = 8 * MAX_BODY_BYTES;
const JSON_TYPE = { 'Content-Type': 'application/json' };

let memory: MemoryBudget;
let readBody: (request: Request) => Promise<unknown>;
let server: Server;
let port: number;
let handle: (request: Request) => Promise<unknown>;
const open: Socket[] = [];

beforeEach(async () => {
  memory = new MemoryBudget({ processBytes: LIMIT, tenantBytes: LIMIT, userBytes: LIMIT });
  const bodies = new RequestBodies(memory);
  readBody = request => bodies.read(request, ANA);
  handle = readBody;
  server = createServer(
    express().use(async (request, response) => {
      const body = await handle(request).catch((error: unknown) =>
        isRefusal(error) ? { refused: error.code } : { failed: String(error) },
      );
      response.json({ body });
    }),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
afterEach(() => {
  for (const socket of open.splice(0)) socket.destroy();
  server.close();
  server.closeAllConnections();
});

async function send(headers: Record<string, string>, ...chunks: (string | Buffer)[]) {
  const outgoing = sendRequest({ port, host: '127.0.0.1', method: 'POST', headers, agent: false });
  const answer = once(outgoing, 'response') as Promise<[IncomingMessage]>;
  for (const chunk of chunks) outgoing.write(chunk);
  outgoing.end();
  const [response] = await answer;
  return (JSON.parse(await text(response)) as { body: unknown }).body;
}

/** Begins a request with a body of 1 MiB, the rest of which never arrives. */
async function sendUnfinished(sentBytes = MAX_BODY_BYTES - 1): Promise<[Socket, Request]> {
  const arrived = new Promise<Request>(resolve => {
    handle = request => {
      resolve(request);
      return new Promise(() => undefined);
    };
  });
  const socket = connect(port, '127.0.0.1');
  open.push(socket);
  const head = ['POST / HTTP/1.1', 'Host: a', `Content-Length: ${MAX_BODY_BYTES}`, '', ''];
  socket.write(head.join('\r\n'));
  socket.write(Buffer.alloc(sentBytes));
  return [socket, await arrived];
}

describe('a body', () => {
  it.each([
    ['JSON', JSON_TYPE, ['{"a":', '"\u00e9"}'], { a: 'é' }],
    ['JSON of the platform', { 'Content-Type': 'application/vnd.x+json' }, ['[1]'], [1]],
    ['CSV', { 'Content-Type': 'text/csv' }, ['a,b\n', '1,2'], 'a,b\n1,2'],
    [
      'CSV in another character set',
      { 'Content-Type': 'text/csv; charset="ISO-8859-1"' },
      [Buffer.from([0xe9])],
      'é',
    ],
    ['with a byte order mark', JSON_TYPE, ['\ufeff{}'], {}],
    ['that is empty', { ...JSON_TYPE, 'Transfer-Encoding': 'chunked' }, [], {}],
    [
      'that is longer than its first buffer',
      JSON_TYPE,
      ['["', 'x'.repeat(99_999), '"]'],
      ['x'.repeat(99_999)],
    ],
  ])('of type %s is read', async (_what, headers, chunks, expected) => {
    expect(await send(headers, ...chunks)).toEqual(expected);
  });

  it.each([
    ['malformed JSON', JSON_TYPE, ['{'], 'malformed-request'],
    ['JSON that is no object', JSON_TYPE, ['"text"'], 'malformed-request'],
    ['compression', { ...JSON_TYPE, 'Content-Encoding': 'gzip' }, ['{}'], 'unsupported-media-type'],
    [
      'an unknown character set',
      { 'Content-Type': 'text/csv; charset=x' },
      ['a'],
      'unsupported-media-type',
    ],
    [
      'more than its limit in chunks',
      JSON_TYPE,
      ['x'.repeat(MAX_BODY_BYTES), 'x'],
      'payload-too-large',
    ],
    [
      'a declared length above the limit',
      { ...JSON_TYPE, 'Content-Length': String(MAX_BODY_BYTES + 1) },
      ['x'.repeat(MAX_BODY_BYTES + 1)],
      'payload-too-large',
    ],
  ])('with %s is refused', async (_what, headers, chunks, code) => {
    expect(await send(headers, ...chunks)).toEqual({ refused: code });
  });

  it('whose sender leaves is not awaited', async () => {
    const [socket, request] = await sendUnfinished();
    const reading = readBody(request);
    socket.destroy();
    await expect(reading).rejects.toMatchObject({ code: 'malformed-request' });
  });

  it('whose sender has left before it is read takes no memory', async () => {
    const reading = handle;
    const [socket, request] = await sendUnfinished(1);
    const closed = once(request.res!, 'close');
    socket.destroy();
    await closed;
    await expect(reading(request)).rejects.toMatchObject({ code: 'malformed-request' });
    expect(memory.usedBytes).toBe(0);
  });

  it('that nobody reads stays with its sender', async () => {
    const [, request] = await sendUnfinished();
    // Everything that would be read has been read after some other requests.
    handle = readBody;
    for (let count = 0; count < 20; count += 1) await send(JSON_TYPE, '{}');
    expect(request.socket.bytesRead).toBeLessThan(256 * 1024);
  });

  it('is counted until the request is answered, and refused if there is no memory for it', async () => {
    const reading = handle;
    const unfinished = [await sendUnfinished(), await sendUnfinished()];
    const reads = unfinished.map(([, request]) => reading(request).catch(() => undefined));
    handle = reading;
    expect(memory.usedBytes).toBe(LIMIT);
    expect(await send(JSON_TYPE, '{}')).toEqual({ refused: 'too-many-requests' });
    for (const [socket] of unfinished) socket.destroy();
    await Promise.all(reads);
    expect(await send(JSON_TYPE, '{}')).toEqual({});
    expect(memory.usedBytes).toBe(0);
  });

  it('from an unauthenticated caller counts as what Node reads of it', () => {
    const response = new EventEmitter().setMaxListeners(0);
    const requests = { headers: { 'content-length': '1' } } as Request;
    const results: unknown[] = [];
    for (let count = 0; count < 200; count += 1) {
      limitUnreadBodies(memory)(requests, response as Response, result => results.push(result));
    }
    const admitted = results.filter(result => result === undefined).length;
    expect(admitted).toBe(Math.floor(LIMIT / (80 * 1024)));
    expect(results.at(-1)).toMatchObject({ code: 'too-many-requests' });
    response.emit('close');
    expect(memory.usedBytes).toBe(0);
  });
});
