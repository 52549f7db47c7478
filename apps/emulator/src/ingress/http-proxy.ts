import {
  Agent,
  type IncomingMessage,
  type OutgoingMessage,
  request as sendRequest,
  type ServerResponse,
} from 'node:http';
import { endToEndHeaders, forwardedHeaders, type Upstream } from './forwarded-headers';
import { INGRESS_REFUSALS } from './ingress-refusals';

/** Passes plain HTTP requests on, bodies streamed both ways. */
export class HttpProxy {
  private readonly agent = new Agent({ keepAlive: true, noDelay: true });

  pass(target: Upstream, request: IncomingMessage, response: ServerResponse): void {
    const headers = forwardedHeaders(request, target.host, target.prefix);
    // A body of unknown length stays one, also with methods that usually have none: without its
    // framing the microservice would take it for the next request.
    if (request.headers['transfer-encoding'] !== undefined) {
      headers.push('Transfer-Encoding', 'chunked');
    }
    const onward = sendRequest({
      agent: this.agent,
      host: target.hostname,
      port: target.port,
      method: request.method,
      path: target.path,
      headers,
    });
    onward.on('response', answer => passBack(answer, response));
    // It never asked for one: the headers that would ask are not passed on here.
    onward.on('upgrade', (_answer, socket) => socket.destroy());
    // Once the answer has begun it tells by itself how it ends.
    onward.on('error', () => {
      if (!response.headersSent) sayNoAnswer(response);
    });
    response.on('close', () => {
      if (!response.writableFinished) onward.destroy();
    });
    request.on('error', () => onward.destroy());
    sendHead(onward);
    request.pipe(onward);
  }

  /** Ends every connection to microservices, also in the middle of an answer. */
  stop(): void {
    this.agent.destroy();
  }
}

function passBack(answer: IncomingMessage, response: ServerResponse): void {
  const { statusCode = 502, statusMessage } = answer;
  response.statusCode = statusCode;
  response.statusMessage = statusMessage ?? '';
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  const headers = endToEndHeaders(answer.rawHeaders);
  for (let i = 0; i < headers.length; i += 2) response.appendHeader(headers[i]!, headers[i + 1]!);
  // An answer that comes bit by bit, such as a stream of events, begins at once.
  sendHead(response);
  answer.on('error', () => response.destroy());
  answer.pipe(response);
}

/** `flushHeaders` of Node 20 writes the head as UTF-8, and spoils header values beyond ASCII. */
function sendHead(message: OutgoingMessage): void {
  message.write('', 'latin1');
}

function sayNoAnswer(response: ServerResponse): void {
  const { status, body } = INGRESS_REFUSALS.noAnswer;
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
}
