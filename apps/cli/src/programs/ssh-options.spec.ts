import { execFileSync } from 'node:child_process';
import { knownHostsLines, proxyCommandLine, shellQuote } from './ssh-options';

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

it('tells ssh all pinned host keys, and which of them are revoked', () => {
  const pinned = '@revoked ssh-rsa AAAAB3\nssh-ed25519 AAAAC3\r\n\necdsa-sha2-nistp256 AAAAE2\n';
  expect(knownHostsLines('plc', pinned)).toBe(
    '@revoked plc ssh-rsa AAAAB3\nplc ssh-ed25519 AAAAC3\nplc ecdsa-sha2-nistp256 AAAAE2\n',
  );
});
