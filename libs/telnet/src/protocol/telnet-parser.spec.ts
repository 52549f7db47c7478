import { chopped } from '@remote-access/testkit';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMMANDS } from './telnet-codes';
import { TelnetParser } from './telnet-parser';

const { IAC, SB, SE, WILL, DO, DONT, WONT, NOP, DATA_MARK } = COMMANDS;

/** The elements of a stream, with adjacent data joined. */
function parsed(pieces: readonly Uint8Array[]): unknown[] {
  const found: unknown[] = [];
  const parser = new TelnetParser({
    data: bytes => {
      const last = found.at(-1);
      if (Array.isArray(last)) last.push(...bytes);
      else found.push([...bytes]);
    },
    command: command => found.push({ command }),
    negotiation: (verb, option) => found.push({ verb, option }),
    subnegotiation: (option, payload) => found.push({ option, payload: [...payload] }),
  });
  for (const piece of pieces) parser.feed(piece);
  return found;
}

const STREAMS: Record<string, [bytes: number[], meaning: unknown[]]> = {
  'text with a doubled 255': [[1, 2, IAC, IAC, 3], [[1, 2, 255, 3]]],
  'the four verbs': [
    [IAC, WILL, 1, IAC, WONT, 3, IAC, DO, 255, IAC, DONT, 0],
    [
      { verb: WILL, option: 1 },
      { verb: WONT, option: 3 },
      { verb: DO, option: 255 },
      { verb: DONT, option: 0 },
    ],
  ],
  'a subnegotiation with a doubled 255 between text': [
    [65, IAC, SB, 31, 0, IAC, IAC, 0, 24, IAC, SE, 66],
    [[65], { option: 31, payload: [0, 255, 0, 24] }, [66]],
  ],
  'an empty subnegotiation': [[IAC, SB, 24, IAC, SE], [{ option: 24, payload: [] }]],
  'a subnegotiation that a command ends': [
    [IAC, SB, 24, 1, IAC, WILL, 1, 65],
    [{ option: 24, payload: [1] }, { verb: WILL, option: 1 }, [65]],
  ],
  'commands that mean nothing to a terminal': [
    [65, IAC, NOP, IAC, DATA_MARK, 66],
    [[65], { command: NOP }, { command: DATA_MARK }, [66]],
  ],
  'a 255 before a byte that is not a command': [[IAC, 65, 66], [[65, 66]]],
};

describe.each(Object.entries(STREAMS))('%s', (_name, [bytes, meaning]) => {
  it.each([...chopped(Buffer.from(bytes))].map(cut => [cut.name, cut.pieces] as const))(
    'is parsed %s',
    (_cut, pieces) => {
      expect(parsed(pieces)).toEqual(meaning);
    },
  );
});

it('passes text on without copying it', () => {
  const bytes = Buffer.from('a prompt> ');
  const views: Uint8Array[] = [];
  const nothing = (): void => undefined;
  new TelnetParser({
    data: view => views.push(view),
    command: nothing,
    negotiation: nothing,
    subnegotiation: nothing,
  }).feed(bytes);
  expect(views.map(view => view.buffer)).toEqual([bytes.buffer]);
});

it('this folder also runs in a browser: no source uses Node', () => {
  const sources = readdirSync(__dirname).filter(name => !name.endsWith('.spec.ts'));
  expect(sources).toContain('telnet-parser.ts');
  const texts = sources.map(name => readFileSync(join(__dirname, name), 'utf8'));
  expect(texts.filter(text => /node:|\bBuffer\b|\bprocess\b/.test(text))).toEqual([]);
});
