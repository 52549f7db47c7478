import {
  LIMITS,
  LOCALE,
  OPTION_VALUES,
  OPTIONS_OF,
  type EndpointOptions,
  type Protocol,
} from '@remote-access/contracts';
import { type BodyReader, CONTROL } from './body-reader';

type OptionName = keyof EndpointOptions;

/** The options of all protocols, in the order in which they are stored. */
export const OPTION_NAMES = Object.keys(OPTION_VALUES) as OptionName[];

/**
 * Reads the options of a flat body. Options of another protocol are reported rather than ignored: a
 * caller who sets `viewOnly` relies on it.
 */
export function readOptions(reader: BodyReader, protocol: Protocol): EndpointOptions {
  const options: EndpointOptions = {};
  for (const name of OPTION_NAMES) {
    if (!reader.has(name)) continue;
    if (OPTIONS_OF[protocol].includes(name)) Object.assign(options, { [name]: read(reader, name) });
    else reader.problem(`${name} is not an option of the protocol ${protocol}`);
  }
  return options;
}

/** A draft with the options of the stored endpoint that its protocol has and the body does not name. */
export function withStoredOptions<Draft extends { protocol: Protocol; options: EndpointOptions }>(
  draft: Draft,
  stored: EndpointOptions,
  body: unknown,
): Draft {
  const named = typeof body === 'object' && body !== null ? body : {};
  const kept: EndpointOptions = {};
  for (const name of OPTIONS_OF[draft.protocol]) {
    if (name in named || stored[name] === undefined) continue;
    Object.assign(kept, { [name]: stored[name] });
  }
  return { ...draft, options: { ...kept, ...draft.options } };
}

/** The options of a stored entry. Unusable ones are reported in `damage`. */
export function storedOptions(
  fields: Readonly<Record<string, unknown>>,
  protocol: Protocol,
  damage: string[],
): EndpointOptions {
  const options: EndpointOptions = {};
  for (const name of OPTIONS_OF[protocol]) {
    const value = fields[name];
    if (value === undefined || value === null) continue;
    if (isOption(name, value)) Object.assign(options, { [name]: value });
    else damage.push(`${name} is unknown`);
  }
  return options;
}

function read(reader: BodyReader, name: OptionName): unknown {
  const values = OPTION_VALUES[name];
  if (values === 'flag') return reader.flag(name);
  if (values !== 'text') return reader.oneOf<string>(name, values);
  const text = reader.text(name);
  const problem = typeof text === 'string' ? textProblem(name, text) : undefined;
  if (problem !== undefined) reader.problem(`${name} ${problem}`);
  return text ?? undefined;
}

function isOption(name: OptionName, value: unknown): boolean {
  const values = OPTION_VALUES[name];
  if (values === 'flag') return typeof value === 'boolean';
  if (values !== 'text') return values.some(one => one === value);
  const isShort = typeof value === 'string' && value.length <= LIMITS[name as TextOption];
  return isShort && value !== '' && textProblem(name, value) === undefined;
}

type TextOption = Extract<OptionName, keyof typeof LIMITS>;

function textProblem(name: OptionName, text: string): string | undefined {
  if (CONTROL.test(text)) return 'must not contain line breaks or control characters';
  if (name === 'locale' && !LOCALE.test(text)) {
    return 'must be the name of a locale, such as en_US.UTF-8';
  }
  return undefined;
}
