import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startTelnetd } from '@remote-access/testkit';
import { runTarget } from './run-target';
import { startSmallTelnetServer, type ControllerTarget } from './small-telnet-server';

/** Debian's path. */
const TELNETD = process.env['TELNETD'] || '/usr/sbin/telnetd';

/**
 * Starts the machine's telnetd with the controller instead of `login`. It never offers a shell:
 * Telnet itself has no sign-in, and a web page could post commands to the port.
 */
async function startSystemTelnetd(program: string): Promise<ControllerTarget> {
  const controller = [process.execPath, join(__dirname, 'controller-login.js')].map(quoted);
  const login = `#!/bin/sh\nexec ${controller.join(' ')}\n`;
  const { port, stop } = await startTelnetd({ program, login });
  return { kind: "an imitation of a press controller behind this machine's telnetd", port, stop };
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

runTarget(() => (existsSync(TELNETD) ? startSystemTelnetd(TELNETD) : startSmallTelnetServer()));
