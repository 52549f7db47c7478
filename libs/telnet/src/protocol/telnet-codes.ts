/** Telnet commands (RFC 854, page 14). */
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

/** WILL, WONT, DO or DONT. */
export type Verb = 251 | 252 | 253 | 254;

/** The lowest command code after `IAC`: RFC 854, and EOF, SUSP and ABORT of RFC 1184. */
export const FIRST_COMMAND = 236;

/** Telnet options (IANA, "Telnet Options"). */
export const OPTIONS = {
  /** RFC 856. */
  BINARY: 0,
  /** RFC 857. */
  ECHO: 1,
  /** RFC 858, suppress go-ahead: in practice it means one character at a time. */
  SGA: 3,
  /** RFC 1091. */
  TERMINAL_TYPE: 24,
  /** RFC 1073, negotiate about window size. */
  NAWS: 31,
  /** RFC 1079. */
  TERMINAL_SPEED: 32,
  /** RFC 1184. */
  LINEMODE: 34,
  /** RFC 1572. */
  NEW_ENVIRON: 39,
  /** RFC 2066. */
  CHARSET: 42,
} as const;

/** First byte of the subnegotiations of TERMINAL_TYPE, TERMINAL_SPEED and NEW_ENVIRON. */
export const IS = 0;
export const SEND = 1;

/** RFC 1572, page 2. */
export const ENVIRON = { VAR: 0, VALUE: 1, ESC: 2, USERVAR: 3 } as const;

/** RFC 2066, page 4. */
export const CHARSET = { REQUEST: 1, ACCEPTED: 2, REJECTED: 3 } as const;
