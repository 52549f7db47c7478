import { printable } from '@remote-access/contracts';
import type { Command, Option } from 'commander';

/** Longer names are not offered as candidates. */
const MAX_NAME_CHARACTERS = 200;

/** Candidates that only the platform knows. */
export interface NameSource {
  gateways(): Promise<readonly string[]>;
  endpoints(gateway: string): Promise<readonly string[]>;
  profiles(): readonly string[];
}

/**
 * Words that may stand at the cursor.
 *
 * @param words the words after the program's name; the last one is being typed
 */
export async function candidatesFor(
  program: Command,
  words: readonly string[],
  names: NameSource,
): Promise<string[]> {
  const typed = words.map(unquote);
  const current = typed.at(-1) ?? '';
  const before = typed.slice(0, -1);
  const found = await candidates(program, before, current, names);
  return found
    .filter(word => word.startsWith(current))
    .filter(word => word === printable(word, MAX_NAME_CHARACTERS));
}

async function candidates(
  program: Command,
  before: readonly string[],
  current: string,
  names: NameSource,
): Promise<readonly string[]> {
  const command = program.commands.find(one => before.includes(one.name())) ?? program;
  const options = [...new Set([...command.options, ...program.options])];
  const valueOf = options.find(option => takesValue(option, before.at(-1)));
  if (valueOf) return valuesOf(valueOf, names);
  if (current.startsWith('-')) return options.map(({ long }) => long ?? '');
  if (command === program) return visibleNames(program);
  const given = operandsOf(before.slice(before.indexOf(command.name()) + 1), options);
  const declared = command.registeredArguments;
  const argument = declared[Math.min(given.length, declared.length - 1)];
  switch (argument?.name()) {
    case 'gateway':
    case 'gateways':
      return names.gateways();
    case 'endpoint':
      return names.endpoints(given[0] ?? '');
    case 'shell':
      return argument.argChoices ?? [];
    default:
      return [];
  }
}

function visibleNames(program: Command): string[] {
  return program
    .createHelp()
    .visibleCommands(program)
    .map(command => command.name());
}

function takesValue(
  { required, optional, short, long }: Option,
  word: string | undefined,
): boolean {
  return (required || optional) && word !== undefined && (word === short || word === long);
}

function valuesOf(
  { long, argChoices }: Option,
  names: NameSource,
): readonly string[] | Promise<readonly string[]> {
  if (long === '--profile' || long === '--use') return names.profiles();
  if (long === '--gateway') return names.gateways();
  return argChoices ?? [];
}

/** The words that are neither options nor their values. */
function operandsOf(words: readonly string[], options: readonly Option[]): string[] {
  return words.filter((word, at) => {
    if (word.startsWith('-')) return false;
    return !options.some(option => takesValue(option, words[at - 1]));
  });
}

/** Bash passes words as they were typed, including quotes. */
function unquote(word: string): string {
  return word.replace(/\\(.)/g, '$1').replace(/^(['"])(.*?)\1?$/, '$2');
}
