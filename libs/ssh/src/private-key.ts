import { LIMITS, RemoteAccessError } from '@remote-access/contracts';
import { utils, type ParsedKey } from 'ssh2';

/**
 * Reads a stored private key.
 * @throws RemoteAccessError `credentials-unusable`, its text without a piece of the key
 */
export function readPrivateKey(text: string): ParsedKey {
  if (text.length > LIMITS.key) throw unusable('is too large');
  const parsed: ParsedKey | ParsedKey[] | Error = utils.parseKey(text);
  if (parsed instanceof Error) {
    throw unusable(
      /passphrase/i.test(parsed.message)
        ? 'is protected with a passphrase, which is not supported yet'
        : 'has a format that cannot be read',
    );
  }
  const [key] = [parsed].flat();
  if (!key?.isPrivateKey()) throw unusable('is not a private key');
  return key;
}

function unusable(what: string): RemoteAccessError {
  return new RemoteAccessError('credentials-unusable', {
    detail: `The private key stored with this endpoint ${what}. Enter it again.`,
  });
}
