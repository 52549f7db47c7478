import { RemoteAccessError } from '@remote-access/contracts';

/**
 * Thrown by the parsers, several calls deep; KeyReader returns it as a refusal.
 * @param detail a sentence for the user that never contains any part of a key
 */
export function invalidKey(detail: string): RemoteAccessError {
  return new RemoteAccessError('invalid-key', { detail });
}

/** UIs match and show this text: its wording is part of the contract. */
export function unrecognizedKeyPair(): RemoteAccessError {
  return invalidKey(
    'Could not save object remoteAccessUpdate: Could not recognize key-pair format',
  );
}

/** Like {@link unrecognizedKeyPair}, for host keys. */
export function unrecognizedHostKey(): RemoteAccessError {
  return invalidKey(
    'Could not save object remoteAccessUpdate: Could not recognize host-key format',
  );
}

export function passphraseMissing(): RemoteAccessError {
  return passphraseNeeded('The private key is protected: enter its passphrase.');
}

export function wrongPassphrase(): RemoteAccessError {
  return passphraseNeeded('The passphrase of the private key is wrong.');
}

function passphraseNeeded(detail: string): RemoteAccessError {
  return new RemoteAccessError('passphrase-needed', { detail });
}
