import {
  type ClientRequest,
  type IncomingMessage,
  request as sendRequest,
  STATUS_CODES,
} from 'node:http';
import { connect, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { splice } from '@remote-access/streams';
import { endToEndHeaders, forwardedHeaders, type Upstream } from './forwarded-headers';
import { INGRESS_REFUSALS, type IngressRefusal } from './ingress-refusals';

/**
 * Forwards WebSocket upgrades. After the microservice's 101 it joins the two sockets and does not
 * parse frames. After a refusal it closes the connection, so that the caller cannot send the
 * microservice a second request whose headers the ingress has not checked.
 */
export class UpgradeProxy {
  private readonly sockets = new Set<Duplex>();

  /** @param idleMs closes an upgraded connection without traffic for this long; 0: never */
  forward(
    upstream: Upstream,
    request: IncomingMessage,
    caller: Duplex,
    head: Buffer,
    idleMs = 0,
  ): void {
    this.track(caller);
    // The `close` event handles a reset, both before and after the sockets are joined.
    caller.on('error', () => caller.destroy());
    if (request.headers.upgrade?.toLowerCase() !== 'websocket') {
      endWithRefusal(caller, INGRESS_REFUSALS.notAnUpgrade);
      return;
    }
    const upstreamRequest = this.send(upstream, request);
    const abandon = (): void => void upstreamRequest.destroy();
    caller.once('close', abandon);

    let answered = false;
    upstreamRequest.on('upgrade', (answer, microservice, early) => {
      answered = true;
      caller.off('close', abandon);
      caller.write(headOf(answer, answer.rawHeaders), 'latin1');
      if (early.length > 0) microservice.unshift(early);
      if (head.length > 0) caller.unshift(head);
      tune(caller, idleMs);
      void splice(caller, microservice, { endOf: 'one-way', names: ['caller', 'microservice'] });
    });
    upstreamRequest.on('response', answer => {
      answered = true;
      const headers = [...endToEndHeaders(answer.rawHeaders), 'Connection', 'close'];
      caller.write(headOf(answer, headers), 'latin1');
      answer.on('error', () => caller.destroy());
      answer.on('end', () => caller.end());
      answer.pipe(caller, { end: false });
      discard(caller);
    });
    upstreamRequest.on('error', () => {
      if (!answered) endWithRefusal(caller, INGRESS_REFUSALS.noAnswer);
    });
    upstreamRequest.end();
  }

  /** Closes all connections, upgraded or not. */
  stop(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  private send(upstream: Upstream, request: IncomingMessage): ClientRequest {
    return sendRequest({
      createConnection: () => {
        const socket = connect({
          host: upstream.hostname,
          port: upstream.port,
          allowHalfOpen: true,
          noDelay: true,
        });
        this.track(socket);
        return socket;
      },
      method: request.method,
      path: upstream.path,
      headers: [
        ...forwardedHeaders(request, upstream),
        ...['Connection', 'Upgrade'],
        ...['Upgrade', 'websocket'],
      ],
    });
  }

  private track(socket: Duplex): void {
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
  }
}

/** Answers an upgrade with a refusal and closes the connection. */
export function endWithRefusal(socket: Duplex, { status, body }: IngressRefusal): void {
  const text = JSON.stringify(body);
  socket.on('error', () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n` +
      'Content-Type: application/json\r\n' +
      `Content-Length: ${Buffer.byteLength(text)}\r\n` +
      `Connection: close\r\n\r\n${text}`,
  );
  discard(socket);
}

function headOf({ statusCode, statusMessage }: IncomingMessage, rawHeaders: string[]): string {
  let head = `HTTP/1.1 ${statusCode} ${statusMessage}\r\n`;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    head += `${rawHeaders[i]}: ${rawHeaders[i + 1]}\r\n`;
  }
  return `${head}\r\n`;
}

function tune(caller: Duplex, idleMs: number): void {
  if (!(caller instanceof Socket)) return;
  caller.setTimeout(idleMs, () => caller.destroy());
  caller.setNoDelay(true);
}

/** Reads and discards what the caller still sends, so that its end is noticed. */
function discard(caller: Duplex): void {
  caller.resume();
}
