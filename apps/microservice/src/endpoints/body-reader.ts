import { isIP, isIPv6 } from 'node:net';
import { addressWithLeadingZeros, LIMITS } from '@remote-access/contracts';

/** Line breaks, NUL and the like, which no name or host contains. */
export const CONTROL = /\p{Cc}/u;

/** Fields with a length limit of their own; keys and certificates share one. */
type ShortText = 'name' | 'hostname' | 'username' | 'password' | 'command' | 'locale';

/** Reads fields of a JSON object and collects every problem with them. */
export class BodyReader {
  readonly problems: string[] = [];

  constructor(private readonly body: Readonly<Record<string, unknown>>) {}

  /** A mandatory text on a single line. */
  line(field: 'name' | 'hostname'): string {
    const before = this.problems.length;
    const text = this.text(field);
    if (this.problems.length > before) return '';
    if (text === undefined || text === null || text.trim() === '') {
      this.problem(`${field} must be given`);
    } else if (CONTROL.test(text)) {
      this.problem(`${field} must not contain line breaks or control characters`);
    }
    return text ?? '';
  }

  hostname(): string {
    const before = this.problems.length;
    const hostname = this.line('hostname');
    const problem = this.problems.length === before ? hostNameProblem(hostname) : undefined;
    if (problem) this.problem(`hostname ${problem}`);
    return hostname;
  }

  /** @returns `undefined` if the field is absent, `null` if it is null or empty */
  text(field: string): string | null | undefined {
    const value = this.field(field);
    if (value === undefined) return undefined;
    if (value === null || value === '') return null;
    if (typeof value !== 'string') {
      this.problem(`${field} must be text`);
      return null;
    }
    const maxLength = field in LIMITS ? LIMITS[field as ShortText] : LIMITS.key;
    if (value.length <= maxLength) return value;
    this.problem(`${field} must not be longer than ${maxLength} characters`);
    return null;
  }

  port(): number {
    const value = this.field('port');
    const { minPort, maxPort } = LIMITS;
    if (Number.isInteger(value) && Number(value) >= minPort && Number(value) <= maxPort) {
      return value as number;
    }
    this.problem(`port must be a whole number from ${minPort} to ${maxPort}`);
    return 0;
  }

  oneOf<Choice extends string>(field: string, choices: readonly Choice[]): Choice | undefined {
    const value = this.field(field);
    const choice = choices.find(one => one === value);
    if (!choice) this.problem(`${field} must be one of ${choices.join(', ')}`);
    return choice;
  }

  flag(field: string): boolean | undefined {
    const value = this.field(field);
    if (typeof value === 'boolean') return value;
    this.problem(`${field} must be true or false`);
    return undefined;
  }

  object(field: string): Readonly<Record<string, unknown>> | undefined {
    const value = this.field(field);
    if (value === undefined || value === null) return undefined;
    if (isObject(value)) return value;
    this.problem(`${field} must be an object`);
    return undefined;
  }

  has(field: string): boolean {
    return this.field(field) !== undefined && this.field(field) !== null;
  }

  problem(text: string): void {
    this.problems.push(text);
  }

  private field(name: string): unknown {
    return Object.hasOwn(this.body, name) ? this.body[name] : undefined;
  }
}

/** Whether a value is a JSON object, neither an array nor null. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * A label of letters and digits of any script, "-" and "_": industrial networks do not always use
 * DNS.
 */
const NAME = /^[\p{L}\p{N}_]([\p{L}\p{M}\p{N}_-]*[\p{L}\p{M}\p{N}_])?$/u;

/** RFC 4007 11: `fe80::1%eth0`. Only link-local addresses have a zone. */
const ZONED = /^(fe[89ab][0-9a-f]:[0-9a-f:]+)%[\w.-]{1,32}$/i;

/** The unspecified address, in the forms to which URL normalizes every spelling of it. */
const UNSPECIFIED = new Set(['0.0.0.0', '[::]', '[::ffff:0:0]']);

/**
 * Why a text is not a host that a gateway could connect to; `undefined` if it is one. Which hosts
 * are allowed is the gateway's decision.
 */
export function hostNameProblem(host: string): string | undefined {
  const withZeros = addressWithLeadingZeros(host);
  if (withZeros !== undefined) {
    return /^[0.]+$/.test(withZeros) ? 'is the unspecified address' : WITHOUT_ZEROS;
  }
  const zoned = ZONED.exec(host)?.[1];
  const address = zoned !== undefined && isIPv6(zoned) ? zoned : host;
  // URL parses addresses like a resolver: `0`, `0x0` and `0.0` are 0.0.0.0, and 1.2.3.256 is
  // invalid.
  const url = `http://${isIPv6(address) ? `[${address}]` : address}/`;
  if ((isIP(address) === 0 && !isName(address)) || !URL.canParse(url)) {
    return 'is not a host name or an IP address';
  }
  return UNSPECIFIED.has(new URL(url).hostname) ? 'is the unspecified address' : undefined;
}

const WITHOUT_ZEROS =
  'is written with leading zeros, which some systems read as octal: write the address without them';

function isName(text: string): boolean {
  return text
    .replace(/\.$/, '')
    .split('.')
    .every(label => label.length <= 63 && NAME.test(label));
}
