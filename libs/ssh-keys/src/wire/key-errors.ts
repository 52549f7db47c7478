import { RemoteAccessError } from '@remote-access/contracts';

/**
 * What readers of keys throw, several calls deep; KeyReader makes refusals of it. The words never
 * hold a piece of a key.
 */
export function refusedKey(detail: string): RemoteAccessError {
  return new RemoteAccessError('invalid-key', { detail });
}

/** The words that the product's UIs match and show. */
export function unknownKeyPair(): RemoteAccessError {
  return refusedKey(
    'Could not save object remoteAccessUpdate: Could not recognize key-pair format',
  );
}

/** As {@link unknownKeyPair}, for host keys. */
export function unknownHostKey(): RemoteAccessError {
  return refusedKey(
    'Could not save object remoteAccessUpdate: Could not recognize host-key format',
  );
}

/** @param passphrase what was given, empty for nothing */
export function wrongPassphrase(passphrase: string): RemoteAccessError {
  const detail = passphrase
    ? 'The passphrase of the private key is wrong.'
    : 'The private key is protected: enter its passphrase.';
  return new RemoteAccessError('passphrase-needed', { detail });
}
