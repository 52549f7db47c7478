import { QuerySyntaxError, tokensOf, type Token } from './tokens';

const COMPARISONS = ['eq', 'ne', 'gt', 'ge', 'lt', 'le'] as const;
export type Comparison = (typeof COMPARISONS)[number];
export type Literal = string | number | boolean | null;

/** A condition on an object. */
export type Condition =
  | { kind: 'and' | 'or'; left: Condition; right: Condition }
  | { kind: 'not'; operand: Condition }
  | { kind: 'has'; path: string }
  | { kind: 'compare'; path: string; comparison: Comparison; value: Literal }
  | { kind: 'bygroupid' | 'isinhierarchyof'; id: string };

export interface Order {
  path: string;
  descending: boolean;
}

export interface InventoryQuery {
  filter?: Condition;
  orderBy: Order[];
}

/** Limits the recursion of the parser. */
const MAX_DEPTH = 100;

/**
 * Parses the inventory's query language (cumulocity.com, "Query language"): `$filter=(name eq 'gw*'
 * and has(c8y_IsDevice)) $orderby=name asc,id desc`, or a bare condition.
 *
 * @throws QuerySyntaxError
 */
export function parseInventoryQuery(text: string): InventoryQuery {
  return new Parser(tokensOf(text)).query();
}

class Parser {
  private position = 0;
  private depth = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  query(): InventoryQuery {
    const query: InventoryQuery = { orderBy: [] };
    while (this.peek().kind !== 'end') {
      if (this.takeWord('$filter')) {
        this.expect('=');
        if (!this.isWord('$orderby') && this.peek().kind !== 'end') query.filter = this.or();
      } else if (this.takeWord('$orderby')) {
        this.expect('=');
        query.orderBy = this.orders();
      } else if (this.position === 0) {
        query.filter = this.or();
      } else {
        throw this.unexpected();
      }
    }
    return query;
  }

  private or(): Condition {
    let left = this.and();
    while (this.takeWord('or')) left = { kind: 'or', left, right: this.and() };
    return left;
  }

  private and(): Condition {
    let left = this.not();
    while (this.takeWord('and')) left = { kind: 'and', left, right: this.not() };
    return left;
  }

  private not(): Condition {
    this.depth += 1;
    if (this.depth > MAX_DEPTH) {
      throw new QuerySyntaxError('Conditions are nested too deeply', this.peek().at);
    }
    const condition = this.takeWord('not')
      ? ({ kind: 'not', operand: this.not() } as const)
      : this.primary();
    this.depth -= 1;
    return condition;
  }

  private primary(): Condition {
    if (this.peek().kind === '(') {
      this.expect('(');
      const inner = this.or();
      this.expect(')');
      return inner;
    }
    const path = this.name();
    if (this.peek().kind === '(') {
      this.expect('(');
      const argument = this.next();
      if (!('value' in argument)) throw this.unexpected(argument);
      this.expect(')');
      return functionCall(path, String(argument.value), argument.at);
    }
    const word = this.name();
    const comparison = COMPARISONS.find(one => one === word);
    if (!comparison) throw new QuerySyntaxError(`Unknown comparison '${word}'`, this.lastAt());
    return { kind: 'compare', path, comparison, value: this.literal() };
  }

  private orders(): Order[] {
    const orders: Order[] = [];
    do {
      const path = this.name();
      const descending = this.takeWord('desc');
      if (!descending) this.takeWord('asc');
      orders.push({ path, descending });
    } while (this.take(','));
    return orders;
  }

  private literal(): Literal {
    const token = this.next();
    if (token.kind === 'text' || token.kind === 'number') return token.value;
    if (token.kind === 'name') {
      if (token.value === 'true' || token.value === 'false') return token.value === 'true';
      if (token.value === 'null') return null;
    }
    throw this.unexpected(token);
  }

  private name(): string {
    const token = this.next();
    if (token.kind !== 'name') throw this.unexpected(token);
    return token.value;
  }

  private isWord(word: string): boolean {
    const token = this.peek();
    return token.kind === 'name' && token.value === word;
  }

  private takeWord(word: string): boolean {
    if (!this.isWord(word)) return false;
    this.position += 1;
    return true;
  }

  private take(kind: Token['kind']): boolean {
    if (this.peek().kind !== kind) return false;
    this.position += 1;
    return true;
  }

  private expect(kind: Token['kind']): void {
    if (!this.take(kind)) throw this.unexpected();
  }

  private peek(): Token {
    return this.tokens[this.position]!;
  }

  private next(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.position += 1;
    return token;
  }

  private lastAt(): number {
    return this.tokens[this.position - 1]!.at;
  }

  private unexpected(token: Token = this.peek()): QuerySyntaxError {
    const what = 'value' in token ? `'${token.value}'` : token.kind;
    return new QuerySyntaxError(`Unexpected ${what}`, token.at);
  }
}

function functionCall(name: string, argument: string, at: number): Condition {
  switch (name) {
    case 'has':
      return { kind: 'has', path: argument };
    case 'bygroupid':
    case 'isinhierarchyof':
      return { kind: name, id: argument };
    default:
      throw new QuerySyntaxError(`Unknown function '${name}'`, at);
  }
}
