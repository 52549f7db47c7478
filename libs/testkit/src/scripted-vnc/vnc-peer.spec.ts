import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { PASSWORD_SECURITY, tlsSecurity } from './password-security';
import { startScriptedVnc } from './scripted-vnc';

it('TLS starts even if its first message arrives together with the choice of TLS', async () => {
  const security = [tlsSecurity(PASSWORD_SECURITY)];
  const server = await startScriptedVnc({ version: '003.008', security });
  const socket = connectTcp(server.port, '127.0.0.1');
  try {
    await once(socket, 'data');
    socket.write('RFB 003.008\n');
    await once(socket, 'data');
    const tls = connectTls({
      socket: startingWith(Buffer.of(18), socket),
      ciphers: 'ADH:AECDH:@SECLEVEL=0',
      maxVersion: 'TLSv1.2',
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
    });
    const [offered] = (await once(tls, 'data')) as [Buffer];
    expect([...offered]).toEqual([1, PASSWORD_SECURITY.type]);
  } finally {
    socket.destroy();
    await server.stop();
  }
}, 5_000);

/** Sends these bytes in one piece with whatever is written first. */
function startingWith(bytes: Buffer, socket: Socket): Duplex {
  let pending = bytes;
  const stream = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      socket.write(Buffer.concat([pending, chunk]), () => done());
      pending = Buffer.alloc(0);
    },
  });
  socket.on('data', (chunk: Buffer) => stream.push(chunk));
  return stream;
}
