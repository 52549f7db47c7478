import { connect } from 'node:net';
import { tcpTarget, type TcpTarget } from './tcp-target';

/**
 * Somebody in between who adds bytes to what a server says.
 *
 * @param inject gets each chunk from the server and gives what is passed on in its place
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
