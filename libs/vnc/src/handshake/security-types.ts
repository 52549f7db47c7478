/** RFC 6143, section 7.1.2, and IANA's registry of RFB security types. */
export const SECURITY_TYPES = {
  INVALID: 0,
  NONE: 1,
  VNC_AUTHENTICATION: 2,
  RA2: 5,
  RA2_NE: 6,
  TIGHT: 16,
  TLS: 18,
  VENCRYPT: 19,
  APPLE_DIFFIE_HELLMAN: 30,
  MS_LOGON_II: 113,
  RA2_256: 129,
  RA2_NE_256: 130,
} as const;

/** VeNCrypt's subtypes. */
export const VENCRYPT_TYPES = {
  PLAIN: 256,
  TLS_NONE: 257,
  TLS_VNC: 258,
  TLS_PLAIN: 259,
  X509_NONE: 260,
  X509_VNC: 261,
  X509_PLAIN: 262,
} as const;
