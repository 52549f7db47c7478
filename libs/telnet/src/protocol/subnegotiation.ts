import { escaped } from './nvt-text';
import { CHARSET, COMMANDS, ENVIRON, IS, OPTIONS } from './telnet-codes';

export interface WindowSize {
  readonly cols: number;
  readonly rows: number;
}

/** `IAC SB option payload IAC SE` with the payload's 255s doubled. */
export function subnegotiation(option: number, payload: ArrayLike<number>): Uint8Array {
  const inside = escaped(Uint8Array.from(payload));
  const { IAC, SB, SE } = COMMANDS;
  return Uint8Array.of(IAC, SB, option, ...inside, IAC, SE);
}

/** NAWS (RFC 1073): two 16-bit numbers. */
export function windowSizeIs({ cols, rows }: WindowSize): Uint8Array {
  return subnegotiation(OPTIONS.NAWS, [cols >> 8, cols & 255, rows >> 8, rows & 255]);
}

/** The answer to TERMINAL_TYPE and TERMINAL_SPEED, which have the same form. */
export function textIs(option: number, text: string): Uint8Array {
  return subnegotiation(option, [IS, ...latin1(text)]);
}

/**
 * The answer to NEW-ENVIRON SEND: the requested variables that `environment` contains. A request
 * without names asks for all of them.
 */
export function environmentIs(
  request: Uint8Array,
  environment: Readonly<Record<string, string>>,
): Uint8Array {
  const asked = askedVariables(request);
  const kindOf = (name: string): number | undefined =>
    asked.length === 0
      ? ENVIRON.USERVAR
      : asked.find(variable => variable.name === name || variable.name === '')?.kind;
  const payload: number[] = [IS];
  for (const [name, value] of Object.entries(environment)) {
    const kind = kindOf(name);
    if (kind === undefined) continue;
    payload.push(kind, ...quoted(name), ENVIRON.VALUE, ...quoted(value));
  }
  return subnegotiation(OPTIONS.NEW_ENVIRON, payload);
}

/**
 * The answer to CHARSET REQUEST.
 *
 * @param request what follows the byte REQUEST: a separator, then names separated by it
 * @param charsets names of the encoding that this end uses
 */
export function charsetAnswer(request: Uint8Array, charsets: readonly string[]): Uint8Array {
  // "[TTABLE]" and a version byte may come first (RFC 2066, page 3).
  const table = '[TTABLE]';
  const text = String.fromCharCode(...request);
  const list = text.startsWith(table) ? text.slice(table.length + 1) : text;
  const offered = list.slice(1).split(list.charAt(0));
  const known = new Set(charsets.map(name => name.toLowerCase()));
  const accepted = offered.find(name => known.has(name.toLowerCase()));
  return subnegotiation(
    OPTIONS.CHARSET,
    accepted === undefined ? [CHARSET.REJECTED] : [CHARSET.ACCEPTED, ...latin1(accepted)],
  );
}

function askedVariables(request: Uint8Array): { kind: number; name: string }[] {
  const asked: { kind: number; name: string }[] = [];
  for (let at = 0; at < request.length; at += 1) {
    const byte = request[at]!;
    if (byte === ENVIRON.VAR || byte === ENVIRON.USERVAR) asked.push({ kind: byte, name: '' });
    else {
      const current = asked.at(-1);
      const isQuoted = byte === ENVIRON.ESC && at + 1 < request.length;
      if (current) current.name += String.fromCharCode(isQuoted ? request[++at]! : byte);
    }
  }
  return asked;
}

/** Inside names and values, the four codes of RFC 1572 are escaped with ESC. */
function quoted(text: string): number[] {
  return latin1(text).flatMap(byte => (byte <= ENVIRON.USERVAR ? [ENVIRON.ESC, byte] : [byte]));
}

function latin1(text: string): number[] {
  return Array.from(text, character => character.charCodeAt(0) & 255);
}
