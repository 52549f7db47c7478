import { printable } from '@remote-access/contracts';
import type { Certificate } from '@remote-access/ssh-keys';

/** Certificates of whole departments name dozens. */
const MAX_PRINCIPALS_CHARACTERS = 200;

/**
 * Why a server may have refused a certificate: what can be seen of it from outside.
 * @returns one sentence for the user, or `undefined`
 */
export function certificateTrouble(
  { validAfter, validBefore, principals }: Certificate,
  username: string,
  now: Date,
): string | undefined {
  if (validBefore && validBefore <= now) {
    return `Its certificate expired on ${shown(validBefore)}: store a new one.`;
  }
  if (validAfter && validAfter > now) {
    return `Its certificate is not valid before ${shown(validAfter)}.`;
  }
  if (principals.length > 0 && !principals.includes(username)) {
    const names = printable(principals.join(', '), MAX_PRINCIPALS_CHARACTERS);
    return `Its certificate is for ${names}, not for ${username}.`;
  }
  return undefined;
}

function shown(time: Date): string {
  return `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
