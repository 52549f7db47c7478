/** How PKCS#8 and X.509 name the algorithm of a key (RFC 3279, RFC 8410). */
export const ALGORITHM_OIDS = {
  rsa: '1.2.840.113549.1.1.1',
  dsa: '1.2.840.10040.4.1',
  ec: '1.2.840.10045.2.1',
  ed25519: '1.3.101.112',
} as const;
