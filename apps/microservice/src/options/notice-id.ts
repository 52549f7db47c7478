import { createHash } from 'node:crypto';

/** Names a text of the notice: an acceptance of an older one does not cover it. */
export function noticeId(notice: string): string {
  return createHash('sha256').update(notice).digest('hex');
}
