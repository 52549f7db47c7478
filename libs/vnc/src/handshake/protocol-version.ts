/** The published versions (RFC 6143, section 7.1.1). */
export const VERSIONS = { v3_3: 3.3, v3_7: 3.7, v3_8: 3.8 } as const;
export type Version = (typeof VERSIONS)[keyof typeof VERSIONS];

/** Length of `RFB xxx.yyy\n`. */
export const VERSION_LENGTH = 12;

const PATTERN = /^RFB (\d{3})\.(\d{3})\n$/;

export interface AnnouncedVersion {
  /** As sent, e.g. `005.000`. */
  readonly text: string;
  /** The newest version that both ends support, if there is one. */
  readonly supported?: Version;
  /** Newer than any published version: RealVNC's 4 and 5, Apple's 3.889. */
  readonly isBeyond: boolean;
}

/** @returns `undefined` if the line is not a version */
export function readVersion(line: Uint8Array): AnnouncedVersion | undefined {
  const [, major, minor] = PATTERN.exec(String.fromCharCode(...line)) ?? [];
  if (major === undefined || minor === undefined) return undefined;
  const number = Number(major) * 1000 + Number(minor);
  const supported = supportedFor(number);
  return {
    text: `${major}.${minor}`,
    isBeyond: number >= FIRST_BEYOND,
    ...(supported === undefined ? {} : { supported }),
  };
}

export function versionLine(version: Version): Uint8Array {
  return new TextEncoder().encode(`RFB 003.00${Math.round(version * 10) % 10}\n`);
}

/** Apple's 3.889, the lowest unpublished version whose servers understand 3.8. */
const FIRST_BEYOND = 3889;

/**
 * RFC 6143, section 7.1.1: unpublished versions are treated as 3.3. UltraVNC SC announces 3.14 and
 * 3.16 and would wait forever for the answer to a list of security types.
 */
function supportedFor(number: number): Version | undefined {
  if (number >= FIRST_BEYOND || number === 3008) return VERSIONS.v3_8;
  if (number === 3007) return VERSIONS.v3_7;
  return number >= 3003 ? VERSIONS.v3_3 : undefined;
}
