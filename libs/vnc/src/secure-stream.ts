import { X509Certificate } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { certificateBlob } from './certificate-blob';
import type { SecureLayer } from './handshake';
import { MessageStream } from './message-stream';

/** A stream that is enciphered, and the key by which its server can be known again. */
export interface SecuredStream {
  readonly stream: Duplex;
  readonly serverKey?: Uint8Array;
}

/**
 * VNC servers are old, and what they offer beside their TLS is none: so TLS 1.0 and short keys are
 * taken. Who the server is, is told by the pinned key, and by no authority.
 */
const LENIENT: ConnectionOptions = { minVersion: 'TLSv1', rejectUnauthorized: false };

/** TLS 1.3 knows no anonymous servers. */
const ANONYMOUS: ConnectionOptions = {
  ...LENIENT,
  maxVersion: 'TLSv1.2',
  ciphers: 'ADH:AECDH:@SECLEVEL=0',
};

const WITH_CERTIFICATE: ConnectionOptions = { ...LENIENT, ciphers: 'DEFAULT:@SECLEVEL=0' };

/** Enciphers a stream as a sign-in asks for. */
export async function secureStream(stream: Duplex, layer: SecureLayer): Promise<SecuredStream> {
  switch (layer.kind) {
    case 'messages':
      return { stream: new MessageStream(stream, layer.outgoing, layer.incoming) };
    case 'tls': {
      const tls = await openTls(
        stream,
        layer.certificate === 'none' ? ANONYMOUS : WITH_CERTIFICATE,
      );
      const { raw } = tls.getPeerCertificate();
      const serverKey = raw ? certificateBlob(new X509Certificate(raw)) : undefined;
      return serverKey ? { stream: tls, serverKey } : { stream: tls };
    }
    default:
      return layer satisfies never;
  }
}

function openTls(socket: Duplex, options: ConnectionOptions): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const tls = connect({ ...options, socket });
    const failed = (cause: Error): void => {
      tls.on('error', ignoreAfterFailure);
      tls.destroy();
      reject(cause);
    };
    const closed = (): void => failed(new Error('The connection was closed'));
    tls.once('error', failed).once('end', closed).once('close', closed);
    socket.once('end', closed);
    // An end that came already is told only to who reads.
    socket.read(0);
    tls.once('secureConnect', () => {
      tls.off('error', failed).off('end', closed).off('close', closed);
      socket.off('end', closed);
      resolve(tls);
    });
  });
}

function ignoreAfterFailure(): void {
  // The failure that counts has been told.
}
