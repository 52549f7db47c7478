import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LocalStack } from '@remote-access/testkit';
import type { Terminal } from './terminal';

/** Writes the files that OpenSSH needs to sign in to the stack's target. */
export function writeSshFiles(
  { description: { target } }: LocalStack,
  folder: string,
): { key: string; knownHosts: string } {
  const key = join(folder, 'key');
  const knownHosts = join(folder, 'known_hosts');
  writeFileSync(key, target.privateKey, { mode: 0o600 });
  writeFileSync(knownHosts, `[127.0.0.1]:${target.port} ${target.hostKey}\n`);
  return { key, knownHosts };
}

/** The peer: OpenSSH's client, connected directly to the same server. */
export function openPlainSsh(stack: LocalStack, folder: string): Terminal {
  const { target } = stack.description;
  const { key, knownHosts } = writeSshFiles(stack, folder);
  const options = [`UserKnownHostsFile=${knownHosts}`, 'IdentitiesOnly=yes', 'LogLevel=ERROR'];
  const child = spawn(
    'ssh',
    [
      ...['-F', 'none', '-tt', '-i', key, '-p', String(target.port)],
      ...options.flatMap(option => ['-o', option]),
      `${target.userName}@127.0.0.1`,
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  return {
    type: text => child.stdin.write(text),
    close: () => child.kill(),
    onOutput: listener => child.stdout.removeAllListeners('data').on('data', listener),
  };
}
