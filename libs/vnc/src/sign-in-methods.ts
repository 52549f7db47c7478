import { APPLE_DIFFIE_HELLMAN } from './apple-diffie-hellman';
import { MS_LOGON_TWO } from './ms-logon-two';
import { NO_AUTHENTICATION } from './no-authentication';
import { RSA_AES } from './rsa-aes';
import type { SignInMethod } from './sign-in-method';
import { TIGHT_AUTHENTICATION } from './tight-authentication';
import { VENCRYPT } from './vencrypt';
import { VNC_AUTHENTICATION } from './vnc-authentication';

/**
 * What is spoken, the best first: what protects the stream, then what protects the password, then
 * the rest; none at all only where nothing else is offered.
 */
export const SIGN_IN_METHODS: readonly SignInMethod[] = [
  VENCRYPT,
  ...RSA_AES,
  APPLE_DIFFIE_HELLMAN,
  MS_LOGON_TWO,
  VNC_AUTHENTICATION,
  TIGHT_AUTHENTICATION,
  NO_AUTHENTICATION,
];
