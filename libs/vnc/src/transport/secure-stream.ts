import { constants, X509Certificate } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { rsaKeyBlob, sshKeyBlob } from '../crypto/ssh-key-blob';
import type { SecureLayer } from '../handshake/handshake';
import { MessageStream } from './message-stream';

/** An encrypted stream, and the server's key if it presented one. */
export interface SecuredStream {
  readonly stream: Duplex;
  readonly serverKey?: Uint8Array;
}

/**
 * Accepts TLS 1.0 and short keys: VNC servers are old, and without TLS they would be unprotected.
 * The server is authenticated by its pinned key, not by a certificate authority.
 */
const LENIENT: ConnectionOptions = {
  minVersion: 'TLSv1',
  rejectUnauthorized: false,
  // Up to TLS 1.2 a server could request one handshake after another, each with new keys.
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
};

/** TLS 1.3 has no anonymous cipher suites. */
const ANONYMOUS: ConnectionOptions = {
  ...LENIENT,
  maxVersion: 'TLSv1.2',
  ciphers: 'ADH:AECDH:@SECLEVEL=0',
};

const WITH_CERTIFICATE: ConnectionOptions = { ...LENIENT, ciphers: 'DEFAULT:@SECLEVEL=0' };

/** Encrypts a stream as requested by a sign-in method. */
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
      const serverKey = raw ? certificateKeyBlob(new X509Certificate(raw)) : undefined;
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
    tls.on('error', failed).once('end', closed).once('close', closed);
    socket.once('end', closed);
    // A stream reports an end that has already arrived only after a read.
    socket.read(0);
    tls.once('secureConnect', () => {
      tls.off('error', failed).off('end', closed).off('close', closed);
      socket.off('end', closed);
      resolve(tls);
    });
  });
}

function ignoreAfterFailure(): void {
  // The first failure has been reported.
}

const CURVES: Readonly<Record<string, string>> = {
  'P-256': 'nistp256',
  'P-384': 'nistp384',
  'P-521': 'nistp521',
};

/**
 * The key of a certificate in SSH's format (RFC 4253, section 6.6; RFC 5656; RFC 8709). The key is
 * pinned rather than the certificate, so that renewing the certificate changes nothing.
 *
 * @returns `undefined` for key types that SSH does not have
 */
function certificateKeyBlob({ publicKey }: X509Certificate): Uint8Array | undefined {
  const key = publicKey.export({ format: 'jwk' });
  const bytes = (text: string | undefined): Buffer => Buffer.from(text ?? '', 'base64url');
  if (key.kty === 'RSA') return rsaKeyBlob({ modulus: bytes(key.n), exponent: bytes(key.e) });
  const curve = CURVES[key.crv ?? ''];
  if (key.kty === 'EC' && curve) {
    const point = Buffer.concat([Buffer.of(4), bytes(key.x), bytes(key.y)]);
    return sshKeyBlob(`ecdsa-sha2-${curve}`, Buffer.from(curve), point);
  }
  const isEd25519 = key.kty === 'OKP' && key.crv === 'Ed25519';
  return isEd25519 ? sshKeyBlob('ssh-ed25519', bytes(key.x)) : undefined;
}
