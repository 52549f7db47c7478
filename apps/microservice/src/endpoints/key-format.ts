import { PinnedHostKeys, readPrivateKey } from '@remote-access/ssh';
import { CIPHER_MARK } from '../credentials/sealed-text';
import type { EndpointDraft } from './endpoint-draft';

/** The words that the product's UIs match and show. */
const UNKNOWN_KEY_PAIR =
  'Could not save object remoteAccessUpdate: Could not recognize key-pair format';
const UNKNOWN_HOST_KEY =
  'Could not save object remoteAccessUpdate: Could not recognize host-key format';

/**
 * Whether the keys of a draft are such that a session can use them: read by the same code that
 * opens it.
 */
export function keyFormatProblem({ plain, secrets }: EndpointDraft): string | undefined {
  const { privateKey } = secrets;
  // A stand-in of a stored key is looked at where the stored one is known.
  const isNew = privateKey && !privateKey.startsWith(CIPHER_MARK);
  if (isNew && !reads(() => readPrivateKey(privateKey))) return UNKNOWN_KEY_PAIR;
  const { hostKey } = plain;
  if (hostKey && !reads(() => PinnedHostKeys.parse(hostKey))) return UNKNOWN_HOST_KEY;
  return undefined;
}

function reads(parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch {
    // Each parser has its own words; these are the ones clients know.
    return false;
  }
}
