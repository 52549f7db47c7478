import { RemoteAccessError } from '@remote-access/contracts';
import type { Refusal } from '../access/refusal';

/** The file as a whole cannot be read; nothing was imported. */
export function malformedFile(reason: string): Refusal {
  return new RemoteAccessError('malformed-request', { detail: `${reason}.` });
}
