import { execFileSync } from 'node:child_process';
import { proxyCommandLine, shellQuote } from './ssh-options';

const HOSTILE = [
  '$(touch x)',
  "it's",
  'a b',
  '`id`',
  '-oProxyCommand=x',
  '100%h',
  '',
  '"',
  '\\',
  '*',
];

describe('quoting for ssh', () => {
  it.each(HOSTILE)('passes the word %j through a shell unchanged', word => {
    const printed = execFileSync('sh', ['-c', `printf %s ${shellQuote(word)}`], {
      encoding: 'utf8',
    });
    expect(printed).toBe(word);
  });

  it('doubles what ssh would expand', () => {
    expect(proxyCommandLine(['a', '100%h'])).toBe("a '100%%h'");
  });
});
