/** The three versions that are spoken (RFC 6143, section 7.1.1), as numbers that compare. */
export const VERSIONS = { v3_3: 3.3, v3_7: 3.7, v3_8: 3.8 } as const;
export type Version = (typeof VERSIONS)[keyof typeof VERSIONS];

/** `RFB xxx.yyy\n`. */
export const VERSION_LENGTH = 12;

const PATTERN = /^RFB (\d{3})\.(\d{3})\n$/;

/** What a server announced, and what is spoken with it. */
export interface AnnouncedVersion {
  /** As it was sent, e.g. `005.000`. */
  readonly text: string;
  /** The newest version both ends know; absent where there is none. */
  readonly spoken?: Version;
  /** Whether it is newer than any that is published: RealVNC's 4 and 5, Apple's 3.889. */
  readonly isBeyond: boolean;
}

/**
 * Reads a version line.
 * @returns `undefined` for what is none
 */
export function readVersion(line: Uint8Array): AnnouncedVersion | undefined {
  const [, major, minor] = PATTERN.exec(String.fromCharCode(...line)) ?? [];
  if (major === undefined || minor === undefined) return undefined;
  const number = Number(major) * 1000 + Number(minor);
  const spoken = spokenFor(number);
  return {
    text: `${major}.${minor}`,
    isBeyond: number > 3008,
    ...(spoken === undefined ? {} : { spoken }),
  };
}

/** The line that says a version. */
export function versionLine(version: Version): Uint8Array {
  return new TextEncoder().encode(`RFB 003.00${Math.round(version * 10) % 10}\n`);
}

/** 3.4 to 3.6 never were versions of their own, and what sends them means 3.3 (RFC 6143). */
function spokenFor(number: number): Version | undefined {
  if (number >= 3008) return VERSIONS.v3_8;
  if (number === 3007) return VERSIONS.v3_7;
  return number >= 3003 ? VERSIONS.v3_3 : undefined;
}
