import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import { secureStream } from './secure-stream';

it('a server cannot renegotiate keys again and again', async () => {
  const server = createServer({ ciphers: 'AECDH:@SECLEVEL=0', maxVersion: 'TLSv1.2' });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'secureConnection') as Promise<[TLSSocket]>;
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const { stream } = await secureStream(socket, { kind: 'tls', certificate: 'none' });
  stream.on('error', () => undefined).resume();
  const [served] = await accepted;
  served.resume();
  const outcome = new Promise<string>(resolve => {
    served.on('error', () => resolve('refused'));
    served.renegotiate({}, error => resolve(error ? 'refused' : 'negotiated again'));
  });
  expect(await outcome).toBe('refused');
  stream.destroy();
  served.destroy();
  server.close();
  await once(server, 'close');
});
