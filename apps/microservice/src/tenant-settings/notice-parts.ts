import { createHash } from 'node:crypto';
import { OPTION_KEYS } from '@remote-access/contracts/platform';

/** On every platform an option can hold 256 characters. */
const PART_LENGTH = 256;

/** Characters of the hash that precedes the text of each part except the first. */
const LINK_LENGTH = 8;

/** Enough for the longest notice. */
const MAX_PARTS = 9;

/** How much a part may be shortened so that it neither ends nor begins with a space. */
const MAX_SHIFT = 40;

/** The options of a notice: `remoteaccess.notice`, `remoteaccess.notice.2` and so on. */
export const NOTICE_KEYS: readonly string[] = Array.from({ length: MAX_PARTS }, (_, index) =>
  index === 0 ? OPTION_KEYS.notice : `${OPTION_KEYS.notice}.${index + 1}`,
);

/**
 * Splits a notice into options. Each part except the first begins with a hash of the previous one,
 * so that parts of an older notice are ignored if another program writes only the first option.
 *
 * @returns the value for each of {@link NOTICE_KEYS}, `null` for those that must be absent
 */
export function splitNotice(notice: string | null): ReadonlyMap<string, string | null> {
  const parts: string[] = [];
  let rest = notice ?? '';
  while (rest !== '') {
    const link = parts.length === 0 ? '' : linkTo(parts.at(-1)!);
    const end = partEnd(rest, PART_LENGTH - link.length);
    parts.push(link + rest.slice(0, end));
    rest = rest.slice(end);
  }
  return new Map(NOTICE_KEYS.map((key, index) => [key, parts[index] ?? null]));
}

/** @returns the notice in these options; `null` if there is none */
export function joinNotice(options: Readonly<Record<string, string>>): string | null {
  const [first = '', ...others] = NOTICE_KEYS.map(key => options[key]);
  let notice = first;
  let previous = first;
  for (const part of others) {
    if (!part?.startsWith(linkTo(previous))) break;
    notice += part.slice(LINK_LENGTH);
    previous = part;
  }
  return notice.trim() || null;
}

function linkTo(part: string): string {
  return createHash('sha256').update(part).digest('hex').slice(0, LINK_LENGTH);
}

/** Where a part ends: not inside a character, and preferably not at a space, which may get lost. */
function partEnd(text: string, most: number): number {
  if (text.length <= most) return text.length;
  for (let end = most; end > most - MAX_SHIFT; end -= 1) {
    const border = text.slice(end - 1, end + 1);
    if (!/\s/.test(border) && !/^[\ud800-\udbff]/.test(border)) return end;
  }
  return /^[\ud800-\udbff]/.test(text.slice(most - 1)) ? most - 1 : most;
}
