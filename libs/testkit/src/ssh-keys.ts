import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { utils } from 'ssh2';
import { type TemporaryFolder, temporaryFolder } from './temporary-folder';

/** RFC 8709, section 4: a name of 11 bytes and a key of 32 bytes, each after its length. */
const PUBLIC_BYTES = 4 + 11 + 4 + 32;

export interface KeyProtection {
  readonly passphrase: string;
  readonly cipher: string;
  readonly rounds: number;
}

/**
 * Generates an Ed25519 key pair in OpenSSH's format. ssh2 damages one pair in 256, because it drops
 * a first byte of zero as padding; such pairs are discarded.
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

/** A key and its certificate in the formats that endpoints accept. */
export interface CertifiedKey {
  readonly privateKey: string;
  readonly certificate: string;
  /** Path of the public key without the certificate, for `AuthorizedKeysFile`. */
  readonly publicKeyFile: string;
}

export interface CertificateWishes {
  /** For `ssh-keygen -t`, with the bits after a colon: `rsa:3072`. */
  readonly keyType?: string;
  readonly principals?: readonly string[];
  /** For `ssh-keygen -V`: `-2d:-1d`. */
  readonly validity?: string;
}

/**
 * A certificate authority for user keys made with OpenSSH's ssh-keygen. sshd trusts it through
 * `TrustedUserCAKeys`.
 */
export class SshAuthority {
  private made = 0;

  private constructor(private readonly folder: TemporaryFolder) {}

  static create(): SshAuthority {
    const authority = new SshAuthority(temporaryFolder('ssh-authority'));
    authority.keygen('-t', 'ed25519', '-N', '', '-f', authority.file('ca'));
    return authority;
  }

  get publicKeyFile(): string {
    return this.file('ca.pub');
  }

  certify({ keyType = 'ed25519', principals, validity }: CertificateWishes = {}): CertifiedKey {
    this.made += 1;
    const [type = '', bits] = keyType.split(':');
    const file = this.file(`key-${this.made}`);
    const size = bits === undefined ? [] : ['-b', bits];
    this.keygen('-t', type, ...size, '-N', '', '-C', 'test', '-f', file);
    this.keygen(
      ...['-s', this.file('ca'), '-I', 'test'],
      ...(principals ? ['-n', principals.join(',')] : []),
      ...(validity === undefined ? [] : ['-V', validity]),
      `${file}.pub`,
    );
    return {
      privateKey: readFileSync(file, 'utf8'),
      certificate: readFileSync(`${file}-cert.pub`, 'utf8').trim(),
      publicKeyFile: `${file}.pub`,
    };
  }

  remove(): void {
    this.folder.remove();
  }

  private file(name: string): string {
    return join(this.folder.path, name);
  }

  private keygen(...args: string[]): void {
    execFileSync('ssh-keygen', ['-q', ...args]);
  }
}
