import {
  Agent,
  type IncomingMessage,
  type OutgoingMessage,
  request as sendRequest,
  type ServerResponse,
} from 'node:http';
import { endToEndHeaders, forwardedHeaders, type Upstream } from './forwarded-headers';
import { INGRESS_REFUSALS } from './ingress-refusals';

/** Forwards plain HTTP requests and streams the bodies in both directions. */
export class HttpProxy {
  private readonly agent = new Agent({ keepAlive: true, noDelay: true });

  forward(upstream: Upstream, request: IncomingMessage, response: ServerResponse): void {
    const headers = forwardedHeaders(request, upstream);
    // A chunked body stays chunked, even with methods that usually have none. Without its framing,
    // the microservice would read it as the next request.
    if (request.headers['transfer-encoding'] !== undefined) {
      headers.push('Transfer-Encoding', 'chunked');
    }
    const upstreamRequest = sendRequest({
      agent: this.agent,
      host: upstream.hostname,
      port: upstream.port,
      method: request.method,
      path: upstream.path,
      headers,
    });
    upstreamRequest.on('response', answer => {
      // Nobody reads the rest of the body.
      if (!request.complete) response.shouldKeepAlive = false;
      sendBack(answer, response);
    });
    // Never requested, because upgrade headers are not forwarded here.
    upstreamRequest.on('upgrade', (_answer, socket) => socket.destroy());
    // A response that has begun reports its own errors.
    upstreamRequest.on('error', () => {
      if (!response.headersSent) sendNoAnswer(response);
    });
    response.on('close', () => {
      if (!response.writableFinished || !request.complete) upstreamRequest.destroy();
    });
    request.on('error', () => upstreamRequest.destroy());
    sendHead(upstreamRequest);
    request.pipe(upstreamRequest);
  }

  /** Closes all connections to the microservice, even in the middle of a response. */
  stop(): void {
    this.agent.destroy();
  }
}

function sendBack(answer: IncomingMessage, response: ServerResponse): void {
  const { statusCode = 502, statusMessage } = answer;
  response.statusCode = statusCode;
  response.statusMessage = statusMessage ?? '';
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  const headers = endToEndHeaders(answer.rawHeaders);
  for (let i = 0; i < headers.length; i += 2) response.appendHeader(headers[i]!, headers[i + 1]!);
  // Sent immediately, so that a stream of events starts without a delay.
  sendHead(response);
  answer.on('error', () => response.destroy());
  answer.pipe(response);
}

/** Node 20's `flushHeaders` encodes the head as UTF-8, which corrupts header values beyond ASCII. */
function sendHead(message: OutgoingMessage): void {
  message.write('', 'latin1');
}

function sendNoAnswer(response: ServerResponse): void {
  const { status, body } = INGRESS_REFUSALS.noAnswer;
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
}
