import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import type { CertificateAuthority } from '@remote-access/testkit';
import { WebSocketServer } from 'ws';

export interface BareRelay {
  readonly url: string;
  stop(): void;
}

/**
 * The minimum that c8ylp needs: the platform's REST requests are forwarded, and a client's
 * WebSocket is joined with the target directly, message by message, without ingress, service or
 * agent.
 */
export async function startBareRelay(
  platformUrl: string,
  authority: CertificateAuthority,
  targetPort: () => number,
): Promise<BareRelay> {
  const { certificate, key } = authority.issue({
    commonName: 'bare relay',
    subjectAltName: 'IP:127.0.0.1',
  });
  const { hostname, port } = new URL(platformUrl);
  const passOn = (request: IncomingMessage, response: ServerResponse): void => {
    const { method, url: path, headers } = request;
    const onward = httpRequest({ hostname, port, method, path, headers }, answer => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  };
  const server = createSecureServer({ cert: certificate, key }, passOn);
  const webSockets = new WebSocketServer({ server, perMessageDeflate: false });
  webSockets.on('connection', client => {
    const target: Socket = connect({ port: targetPort(), host: '127.0.0.1', noDelay: true });
    target.on('error', () => client.terminate());
    target.on('close', () => client.close());
    target.on('data', chunk => {
      target.pause();
      client.send(chunk, () => target.resume());
    });
    client.on('message', data => {
      if (target.write(data as Buffer)) return;
      client.pause();
      target.once('drain', () => client.resume());
    });
    client.on('error', () => target.destroy());
    client.on('close', () => target.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
