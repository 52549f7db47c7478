import { connect } from 'node:net';
import { tcpTarget, type TcpTarget } from './tcp-target';

/**
 * A man in the middle that changes what a server sends.
 *
 * @param inject receives each chunk from the server and returns its replacement
 */
export function injectingProxy(
  serverPort: number,
  inject: (chunk: Buffer, index: number) => Buffer,
): Promise<TcpTarget> {
  return tcpTarget(clientSide => {
    const serverSide = connect(serverPort, '127.0.0.1');
    let index = 0;
    clientSide.pipe(serverSide);
    serverSide.on('data', (chunk: Buffer) => {
      clientSide.write(inject(chunk, index));
      index += 1;
    });
    serverSide.on('error', () => clientSide.destroy());
    serverSide.once('close', () => clientSide.end());
    clientSide.once('close', () => serverSide.destroy());
  });
}
