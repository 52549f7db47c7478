export const KEY_ALGORITHMS = ['ED25519', 'ECDSA', 'RSA', 'DSA'] as const;
export type KeyAlgorithm = (typeof KEY_ALGORITHMS)[number];

/** The public properties of an SSH key. */
export interface KeyDescription {
  algorithm: KeyAlgorithm;
  /** Name in the SSH protocol, e.g. `ecdsa-sha2-nistp256`. */
  type: string;
  bits: number;
  /** `SHA256:…` and `MD5:…` as ssh-keygen prints them. */
  sha256: string;
  md5: string;
  comment: string;
}

/** A key pair, or only its public key. */
export interface KeyPairDescription extends KeyDescription {
  hasPrivateKey: boolean;
  /** Whether the private key was protected by a passphrase. */
  encrypted: boolean;
  /** Whether the private key had lost its line breaks, which were restored. */
  repaired?: boolean;
}

export interface CertificateDescription extends KeyDescription {
  keyId: string;
  /** Decimal string, because it may exceed the range of JSON numbers. */
  serial: string;
  /** Empty if the certificate is valid for every user. */
  principals: string[];
  /** ISO 8601; `null` if unlimited. */
  validAfter: string | null;
  validBefore: string | null;
  authority: Pick<KeyDescription, 'algorithm' | 'sha256'>;
}

/** A host key. `hosts` are the names of its known_hosts line; hashed names stay hashed. */
export interface HostKeyDescription extends KeyDescription {
  hosts: string[];
  /** Marked `@revoked`: a server that presents it is refused. */
  revoked?: boolean;
}

/** Body of `POST /keypair/inspect`. Keys may have any supported format. */
export interface KeyInspectionBody {
  privateKey?: string | null;
  publicKey?: string | null;
  certificate?: string | null;
  hostKey?: string | null;
  /** Decrypts the private key; never stored. */
  passphrase?: string | null;
  /** Host and port select lines of a known_hosts file with several hosts. */
  hostname?: string | null;
  port?: number | null;
}

/** Response of `POST /keypair/inspect`; `null` for what was absent from the body. */
export interface KeyInspection {
  keyPair: KeyPairDescription | null;
  certificate: CertificateDescription | null;
  hostKeys: HostKeyDescription[];
  /** Lines of the host key that are not used, each described by a sentence with its line number. */
  skippedHostKeys?: string[];
  /**
   * The form in which endpoints store keys: a private key without passphrase, and one line per
   * public key.
   */
  normal: {
    privateKey: string | null;
    publicKey: string | null;
    certificate: string | null;
    hostKey: string | null;
  };
}

/** Body of `POST /keypair/generate`. */
export interface KeyGenerationBody {
  /** Becomes the comment, unless there is one. */
  hostname?: string | null;
  /** ED25519 by default. DSA keys can be read but not generated. */
  type?: Exclude<KeyAlgorithm, 'DSA'> | null;
  /** ECDSA 256, 384, 521; RSA 2048 to 4096. */
  bits?: number | null;
  comment?: string | null;
}

export interface GeneratedKeyPair {
  publicKey: string;
  privateKey: string;
}

/** Body of `POST /devices/{deviceId}/host-keys/fetch`. */
export interface HostKeyFetchBody {
  hostname: string;
  port: number;
  legacyAlgorithms?: boolean;
}

/** A host key whose private key the server has just proved to hold. */
export interface FetchedHostKey extends Omit<KeyDescription, 'comment'> {
  /** `type base64`, the form in which endpoints pin keys. */
  line: string;
  /** OpenSSH's randomart, with line feeds between lines. */
  randomart: string;
}

/** Response of `POST /devices/{deviceId}/host-keys/fetch`: at least one key, one of each type. */
export interface FetchedHostKeys {
  hostKeys: FetchedHostKey[];
}
