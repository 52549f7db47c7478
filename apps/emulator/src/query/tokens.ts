/** A token of the inventory's query language, with its position for error messages. */
export type Token = { readonly at: number } & (
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'name'; readonly value: string }
  | { readonly kind: '(' | ')' | ',' | '=' }
  | { readonly kind: 'end' }
);

/** The query is malformed. */
export class QuerySyntaxError extends Error {
  override readonly name = 'QuerySyntaxError';

  constructor(
    message: string,
    readonly at: number,
  ) {
    super(`${message} at position ${at}`);
  }
}

/** Names of fragments and properties. `!` and `-` occur in fragments of dashboards. */
const NAME = /[A-Za-z_$][\w.$!/-]*/y;
const NUMBER = /-?\d+(\.\d+)?(?![\w])/y;

/** Splits a query into tokens; the last one is always `end`. */
export function tokensOf(query: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < query.length) {
    const character = query[at]!;
    if (/\s/.test(character)) {
      at += 1;
    } else if (character === '(' || character === ')' || character === ',' || character === '=') {
      tokens.push({ at, kind: character });
      at += 1;
    } else if (character === "'") {
      const { value, end } = textAt(query, at);
      tokens.push({ at, kind: 'text', value });
      at = end;
    } else {
      const number = matchAt(NUMBER, query, at);
      const word = number ?? matchAt(NAME, query, at);
      if (word === undefined) throw new QuerySyntaxError(`Unexpected '${character}'`, at);
      tokens.push(
        number === undefined
          ? { at, kind: 'name', value: word }
          : { at, kind: 'number', value: Number(number) },
      );
      at += word.length;
    }
  }
  tokens.push({ at, kind: 'end' });
  return tokens;
}

/** Reads a string in single quotes, where quotes are escaped by doubling them. */
function textAt(query: string, start: number): { value: string; end: number } {
  let value = '';
  let at = start + 1;
  while (at < query.length) {
    const character = query[at]!;
    if (character !== "'") {
      value += character;
      at += 1;
    } else if (query[at + 1] === "'") {
      value += "'";
      at += 2;
    } else {
      return { value, end: at + 1 };
    }
  }
  throw new QuerySyntaxError('A string is not closed', start);
}

function matchAt(pattern: RegExp, query: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(query)?.[0];
}
