import { utils } from 'ssh2';

/** RFC 8709, 4: a name of 11 bytes and a key of 32, each after its length. */
const PUBLIC_BYTES = 4 + 11 + 4 + 32;

/** How the private key is protected. */
export interface KeyProtection {
  readonly passphrase: string;
  readonly cipher: string;
  readonly rounds: number;
}

/**
 * A fresh Ed25519 key pair in OpenSSH's format. One in 256 that ssh2 makes is damaged: it takes a
 * first byte of zero for padding and drops it. Such a pair is thrown away.
 */
export function ed25519KeyPair(protection?: KeyProtection): {
  readonly private: string;
  readonly public: string;
} {
  for (;;) {
    const pair = utils.generateKeyPairSync('ed25519', protection);
    const [, blob = ''] = pair.public.split(' ');
    if (Buffer.from(blob, 'base64').length === PUBLIC_BYTES) return pair;
  }
}
