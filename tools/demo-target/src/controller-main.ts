import { existsSync } from 'node:fs';
import { runTarget } from './run-target';
import { startSmallTelnetServer } from './small-telnet-server';
import { startSystemTelnetd } from './system-telnetd';

/** Where Debian puts it. */
const TELNETD = process.env['TELNETD'] || '/usr/sbin/telnetd';

runTarget(() => (existsSync(TELNETD) ? startSystemTelnetd(TELNETD) : startSmallTelnetServer()));
