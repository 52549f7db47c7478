import type { IDisposable, IFunctionIdentifier, Terminal } from '@xterm/xterm';

/**
 * The number of replies that a program gets in a burst, and again each second. An editor sends
 * about ten queries when it starts; a hostile file may contain a million, and each reply is typed
 * into the session.
 */
const REPLIES_PER_SECOND = 50;

/** Device attributes, status reports and mode requests. xterm.js types its replies. */
const CSI_QUERIES: readonly IFunctionIdentifier[] = [
  { final: 'c' },
  { prefix: '>', final: 'c' },
  { final: 'n' },
  { prefix: '?', final: 'n' },
  { intermediates: '$', final: 'p' },
  { prefix: '?', intermediates: '$', final: 'p' },
];

/** The reply of xterm.js to DA1: a VT100 with advanced video. */
const DEVICE_ATTRIBUTES = '\x1b[?1;2c';

/** OSC codes that query a colour with `?`: palette, foreground, background, cursor. */
const COLOUR_QUERIES = [4, 10, 11, 12];

/**
 * Far more than real programs send in one sequence; xterm.js buffers all of them before it replies.
 */
const MAX_COLOUR_QUERIES = 8;

/** Limits how many of a program's queries the terminal replies to (a token bucket). */
export class ReplyRateLimiter {
  private tokens = REPLIES_PER_SECOND;
  private refilledAtMs: number;

  constructor(private readonly nowMs: () => number) {
    this.refilledAtMs = nowMs();
  }

  /** @returns whether to reply to the next query */
  take(): boolean {
    const nowMs = this.nowMs();
    const earned = ((nowMs - this.refilledAtMs) / 1000) * REPLIES_PER_SECOND;
    this.tokens = Math.min(REPLIES_PER_SECOND, this.tokens + earned);
    this.refilledAtMs = nowMs;
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }
}

/**
 * Limits the replies that xterm.js types into a session. It never reports anything that a program
 * may have chosen itself: no titles (CSI 20 t, CSI 21 t) and no window state.
 */
export function limitQueryReplies(
  terminal: Terminal,
  limiter: Pick<ReplyRateLimiter, 'take'>,
): IDisposable[] {
  const { parser } = terminal;
  // A handler that returns true suppresses the reply; if it returns false, xterm.js handles the
  // sequence.
  return [
    ...CSI_QUERIES.map(id => parser.registerCsiHandler(id, () => !limiter.take())),
    parser.registerCsiHandler({ final: 't' }, () => true),
    // DECID, used by programs for the VT52 and VT100, is unknown to xterm.js.
    parser.registerEscHandler({ final: 'Z' }, () => {
      if (limiter.take()) terminal.input(DEVICE_ATTRIBUTES, false);
      return true;
    }),
    parser.registerDcsHandler({ intermediates: '$', final: 'q' }, () => !limiter.take()),
    ...COLOUR_QUERIES.map(code =>
      parser.registerOscHandler(code, data => {
        const queries = data.split('?').length - 1;
        if (queries === 0) return false;
        return queries > MAX_COLOUR_QUERIES || !limiter.take();
      }),
    ),
  ];
}
