/** The commands of RFC 854 (page 14) that a client and a server of ours send or understand. */
export const COMMANDS = {
  SE: 240,
  NOP: 241,
  DATA_MARK: 242,
  BREAK: 243,
  INTERRUPT_PROCESS: 244,
  ABORT_OUTPUT: 245,
  ARE_YOU_THERE: 246,
  ERASE_CHARACTER: 247,
  ERASE_LINE: 248,
  GO_AHEAD: 249,
  SB: 250,
  WILL: 251,
  WONT: 252,
  DO: 253,
  DONT: 254,
  IAC: 255,
} as const;

/** The four words of a negotiation. */
export type Verb = 251 | 252 | 253 | 254;

/** What comes after a `IAC` and is a command: RFC 854, and EOF, SUSP, ABORT of RFC 1184. */
export const FIRST_COMMAND = 236;
