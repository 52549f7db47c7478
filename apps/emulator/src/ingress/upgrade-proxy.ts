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
 * Passes WebSocket upgrades on. After the microservice's 101 the two sockets are spliced and no
 * frame is looked at. Before it nothing of the caller but the one request goes through: after a
 * refusal the connection ends, so that nobody can send the microservice a second request whose
 * headers this ingress has not seen.
 */
export class UpgradeProxy {
  private readonly sockets = new Set<Duplex>();

  pass(target: Upstream, request: IncomingMessage, caller: Duplex, head: Buffer): void {
    this.track(caller);
    // What a reset means is told by `close`, before the splice and in it.
    caller.on('error', () => caller.destroy());
    if (request.headers.upgrade?.toLowerCase() !== 'websocket') {
      endWithRefusal(caller, INGRESS_REFUSALS.notAnUpgrade);
      return;
    }
    const onward = this.send(target, request);
    const abandon = (): void => void onward.destroy();
    caller.once('close', abandon);

    let answered = false;
    onward.on('upgrade', (answer, microservice, early) => {
      answered = true;
      caller.off('close', abandon);
      caller.write(headOf(answer, answer.rawHeaders), 'latin1');
      if (early.length > 0) microservice.unshift(early);
      if (head.length > 0) caller.unshift(head);
      prepare(caller);
      void splice(caller, microservice, { endOf: 'one-way', names: ['caller', 'microservice'] });
    });
    onward.on('response', answer => {
      answered = true;
      const headers = [...endToEndHeaders(answer.rawHeaders), 'Connection', 'close'];
      caller.write(headOf(answer, headers), 'latin1');
      answer.on('error', () => caller.destroy());
      answer.on('end', () => caller.end());
      answer.pipe(caller, { end: false });
      discard(caller);
    });
    onward.on('error', () => {
      if (!answered) endWithRefusal(caller, INGRESS_REFUSALS.noAnswer);
    });
    onward.end();
  }

  /** Ends every connection that was or is to be upgraded. */
  stop(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  private send(target: Upstream, request: IncomingMessage): ClientRequest {
    return sendRequest({
      createConnection: () => {
        const socket = connect({
          host: target.hostname,
          port: target.port,
          allowHalfOpen: true,
          noDelay: true,
        });
        this.track(socket);
        return socket;
      },
      method: request.method,
      path: target.path,
      headers: [
        ...forwardedHeaders(request, target.host, target.prefix),
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

/** Answers an upgrade with a refusal and ends the connection. */
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

function prepare(caller: Duplex): void {
  if (!(caller instanceof Socket)) return;
  caller.setTimeout(0);
  caller.setNoDelay(true);
}

/** Lets what the caller still sends go by, so that its end is seen and the socket goes away. */
function discard(caller: Duplex): void {
  caller.resume();
}
