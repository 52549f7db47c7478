import { type Refusal, RemoteAccessError } from '@remote-access/contracts';

/** The file as a whole cannot be read; nothing was imported. */
export function malformedFile(reason: string): Refusal {
  return new RemoteAccessError('malformed-request', { detail: `${reason}.` });
}
