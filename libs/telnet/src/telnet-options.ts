/** The options that this library speaks or refuses by name (IANA, "Telnet Options"). */
export const OPTIONS = {
  /** RFC 856. */
  BINARY: 0,
  /** RFC 857. */
  ECHO: 1,
  /** RFC 858: suppress go-ahead, in practice "one character at a time". */
  SGA: 3,
  /** RFC 1091. */
  TERMINAL_TYPE: 24,
  /** RFC 1073: negotiate about window size. */
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

/** First byte of a subnegotiation of TERMINAL_TYPE, TERMINAL_SPEED and NEW_ENVIRON. */
export const IS = 0;
export const SEND = 1;

/** RFC 1572, page 2. */
export const ENVIRON = { VAR: 0, VALUE: 1, ESC: 2, USERVAR: 3 } as const;

/** RFC 2066, page 4. */
export const CHARSET = { REQUEST: 1, ACCEPTED: 2, REJECTED: 3 } as const;
