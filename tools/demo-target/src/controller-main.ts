import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startTelnetd } from '@remote-access/testkit';
import { runTarget } from './run-target';
import { startSmallTelnetServer, type ControllerTarget } from './small-telnet-server';

/** Where Debian puts it. */
const TELNETD = process.env['TELNETD'] || '/usr/sbin/telnetd';

/**
 * The machine's own telnetd, with the imitation of a controller where it would ask for a name. Telnet
 * has no sign-in that a web page could not send along, so there is no shell behind it.
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
