import { existsSync } from 'node:fs';
import { runTarget } from './run-target';
import { startSystemSshd } from './system-sshd';
import { startSmallSshServer } from './small-ssh-server';

/** Where Debian and most others put it; it insists on being started by an absolute path. */
const SSHD = process.env['SSHD'] || '/usr/sbin/sshd';

runTarget(port => (existsSync(SSHD) ? startSystemSshd(SSHD, port) : startSmallSshServer()));
