import { Writable } from 'node:stream';
import { createProgram } from '../program';
import { candidatesFor, type NameSource } from './candidates';

const sink = new Writable({ write: (_chunk, _encoding, done) => done() });
const program = createProgram({
  env: {},
  stdin: process.stdin,
  streams: { stdout: sink, stderr: sink },
  foreignArgs: [],
  interrupted: () => Promise.resolve(),
});

const NAMES: NameSource = {
  gateways: () => Promise.resolve(['Factory gateway', 'Press 7', 'bad\u001b[31m']),
  endpoints: gateway => Promise.resolve(gateway === 'Press 7' ? ['Shell', 'Web'] : []),
  profiles: () => ['plant', 'lab'],
};

describe('completion', () => {
  it.each<[string[], string[]]>([
    [['s'], ['sessions', 'ssh', 'scp', 'ssh-config']],
    [['jo'], []],
    [
      ['ls', ''],
      ['Factory gateway', 'Press 7'],
    ],
    [
      ['forward', 'Press\\ 7', ''],
      ['Shell', 'Web'],
    ],
    [['ssh', '-l', 'root', "'Press 7'", 'W'], ['Web']],
    [
      ['--profile', ''],
      ['plant', 'lab'],
    ],
    [
      ['ls', '--a'],
      ['--all', '--accept-notice'],
    ],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['scp', 'Press 7', 'Shell', ''], []],
  ])('of %j is %j', async (words, expected) => {
    expect(await candidatesFor(program, words, NAMES)).toEqual(expected);
  });

  it('offers no name with control characters', async () => {
    expect(await candidatesFor(program, ['ls', 'bad'], NAMES)).toEqual([]);
  });
});
