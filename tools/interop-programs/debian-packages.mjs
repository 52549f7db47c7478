import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { inRepository } from '../repository.mjs';
import { runLogged } from '../logged-command.mjs';
import { CliError } from '../cli-error.mjs';

/**
 * Debian packages that the tests need, each with a file whose presence shows that it is installed.
 */
export const TEST_PACKAGES = {
  'openssh-server': '/usr/sbin/sshd',
  'openssh-client': '/usr/bin/ssh',
  openssl: '/usr/bin/openssl',
  'putty-tools': '/usr/bin/puttygen',
  chromium: '/usr/bin/chromium',
  procps: '/usr/bin/top',
  skopeo: '/usr/bin/skopeo',
  umoci: '/usr/bin/umoci',
  runc: '/usr/sbin/runc',
  buildah: '/usr/bin/buildah',
  bubblewrap: '/usr/bin/bwrap',
  'inetutils-telnetd': '/usr/sbin/telnetd',
  'dropbear-bin': '/usr/sbin/dropbear',
  tinysshd: '/usr/sbin/tinysshd',
  // The package busybox has no telnetd.
  'busybox-static': '/usr/share/doc/busybox-static',
  'qemu-system-x86': '/usr/bin/qemu-system-x86_64',
  wayvnc: '/usr/bin/wayvnc',
  sway: '/usr/bin/sway',
  vino: '/usr/lib/vino/vino-server',
  iproute2: '/usr/bin/ip',
  'tigervnc-standalone-server': '/usr/bin/Xtigervnc',
  'tigervnc-viewer': '/usr/bin/xtigervncviewer',
  'tigervnc-tools': '/usr/bin/tigervncpasswd',
  x11vnc: '/usr/bin/x11vnc',
  systemd: '/usr/bin/systemd-analyze',
  xterm: '/usr/bin/xterm',
  'vim-tiny': '/usr/bin/vi',
  tmux: '/usr/bin/tmux',
  zsh: '/usr/bin/zsh',
  fish: '/usr/bin/fish',
  'gnome-keyring': '/usr/bin/gnome-keyring-daemon',
  'dbus-daemon': '/usr/bin/dbus-run-session',
  dialog: '/usr/bin/dialog',
  'nats-server': '/usr/sbin/nats-server',
  nginx: '/usr/sbin/nginx',
  'fonts-dejavu-core': '/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf',
  'fonts-noto-cjk': '/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc',
  'fonts-noto-color-emoji': '/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf',
};

/**
 * Installs missing packages, so that no test is skipped because a tool is missing.
 *
 * @throws {CliError} naming every package that cannot be installed
 */
export async function ensureTestPackages() {
  const missing = missingPackages();
  if (missing.length === 0) return;
  const names = missing.join(', ');
  const become = administrator();
  if (!become || !hasProgram('apt-get')) {
    throw new CliError(
      `The tests need ${names}, which cannot be installed automatically: there is no apt-get, ` +
        `or neither root nor passwordless sudo. Install them and run the command again.`,
    );
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const log = inRepository('.cache', 'logs', 'apt.log');
  const [program = '', ...args] = [...become, 'apt-get'];
  await runLogged('Updating the list of Debian packages', program, [...args, 'update'], {
    log,
    env,
  });
  const install = [...args, 'install', '--yes', '--no-install-recommends', ...missing];
  await runLogged(`Installing ${names}`, program, install, { log, env });
  const still = missingPackages();
  if (still.length > 0)
    throw new CliError(`apt-get succeeded, but ${still.join(', ')} cannot be found.`);
}

function missingPackages() {
  const missing = Object.entries(TEST_PACKAGES)
    .filter(([, file]) => !existsSync(file))
    .map(([name]) => name);
  if (!canMakePythonEnvironments()) missing.push('python3-venv');
  // Go need not come from a Debian package either.
  if (!hasProgram('go')) missing.push('golang-go');
  return missing;
}

/** Tests this directly, because Python need not come from a Debian package. */
function canMakePythonEnvironments() {
  const { status } = spawnSync('python3', ['-c', 'import ensurepip, venv'], { stdio: 'ignore' });
  return status === 0;
}

/**
 * The prefix of a command that runs as root: empty if already root, undefined if there is no sudo.
 */
function administrator() {
  if (process.getuid?.() === 0) return [];
  const answer = hasProgram('sudo') && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' });
  return answer && answer.status === 0
    ? ['sudo', '-n', 'DEBIAN_FRONTEND=noninteractive']
    : undefined;
}

/** @param {string} name */
function hasProgram(name) {
  try {
    execFileSync('sh', ['-c', `command -v ${name}`], { stdio: 'ignore' });
    return true;
  } catch {
    // `command -v` fails if there is no such program.
    return false;
  }
}
