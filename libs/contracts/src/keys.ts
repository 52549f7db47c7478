/** SSH keys as `POST /keypair/generate` and `POST /keypair/inspect` take and show them. */
export const KEY_ALGORITHMS = ['ED25519', 'ECDSA', 'RSA', 'DSA'] as const;
export type KeyAlgorithm = (typeof KEY_ALGORITHMS)[number];

/** What can be said of a key without giving anything away. */
export interface KeyDescription {
  algorithm: KeyAlgorithm;
  /** Name on the wire, such as `ecdsa-sha2-nistp256`. */
  type: string;
  bits: number;
  /** `SHA256:…` and `MD5:…` as ssh-keygen prints them. */
  sha256: string;
  md5: string;
  comment: string;
}

/** Of a key pair or of its public half alone. */
export interface KeyPairDescription extends KeyDescription {
  hasPrivateKey: boolean;
  /** Whether the private key came protected with a passphrase. */
  encrypted: boolean;
}

export interface CertificateDescription extends KeyDescription {
  keyId: string;
  /** Decimal: it may be larger than what JSON's numbers hold. */
  serial: string;
  /** Empty where the certificate serves every user. */
  principals: string[];
  /** ISO 8601; `null` where there is no bound. */
  validAfter: string | null;
  validBefore: string | null;
  authority: Pick<KeyDescription, 'algorithm' | 'sha256'>;
}

/** A line of a host key: `hosts` is what known_hosts names, hashed names as they are. */
export interface HostKeyDescription extends KeyDescription {
  hosts: string[];
}

/** Body of `POST /keypair/inspect`; each as text of any format that is read. */
export interface KeyInspectionBody {
  privateKey?: string | null;
  publicKey?: string | null;
  certificate?: string | null;
  hostKey?: string | null;
  /** Opens the private key; never stored. */
  passphrase?: string | null;
  /** Choose among known_hosts lines of several hosts. */
  hostname?: string | null;
  port?: number | null;
}

/** Answer of `POST /keypair/inspect`; `null` for what was not given. */
export interface KeyInspection {
  keyPair: KeyPairDescription | null;
  certificate: CertificateDescription | null;
  hostKeys: HostKeyDescription[];
  /** What an endpoint stores: a private key without passphrase and one line per public key. */
  normal: {
    privateKey: string | null;
    publicKey: string | null;
    certificate: string | null;
    hostKey: string | null;
  };
}

/** Body of `POST /keypair/generate`. */
export interface KeyGenerationBody {
  /** Becomes the comment where none is given. */
  hostname?: string | null;
  /** ED25519 by default; DSA is read but no longer made. */
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

/** A host key as a server has just proved to have it. */
export interface FetchedHostKey extends Omit<KeyDescription, 'comment'> {
  /** `type base64`, as an endpoint pins it. */
  line: string;
  /** The picture that OpenSSH draws of it, lines joined by line ends. */
  randomart: string;
}

/** Answer of `POST /devices/{deviceId}/host-keys/fetch`: one of each type, at least one. */
export interface FetchedHostKeys {
  hostKeys: FetchedHostKey[];
}
