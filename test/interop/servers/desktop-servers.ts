import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { administrator, tcpTarget, type Xvnc } from '@remote-access/testkit';
import { type Daemon, startDaemon } from './daemon';

/** A VNC server with a screen of its own. */
export interface OwnDesktop extends Daemon {
  /** Whether a key press reached it. */
  gotKey(): boolean;
}

/** VNC passwords have eight characters. */
export const DESKTOP_PASSWORD = 'panel-12';

/**
 * A boot sector that waits for the key A and paints the screen of a PC green, in 16-bit code:
 * `mov ax,3; int 10h; xor ah,ah; int 16h; or al,20h; cmp al,'a'; jne -10; mov ax,600h; mov bh,2fh;
 * xor cx,cx; mov dx,184fh; int 10h; jmp $`.
 */
const BOOT_CODE = 'b80300cd1030e4cd160c203c6175f6b80006b72f31c9ba4f18cd10ebfe';
const SECTOR_BYTES = 512;

/** QEMU numbers its displays as ports from here on. */
const FIRST_VNC_PORT = 5900;

/** QEMU's own VNC server, with a PC that turns its screen green when A is pressed. */
export function startQemu(): Promise<Daemon> {
  return startDaemon('qemu', (folder, port) => {
    const sector = Buffer.alloc(SECTOR_BYTES);
    sector.write(BOOT_CODE, 'hex');
    sector.writeUInt16LE(0xaa55, SECTOR_BYTES - 2);
    const [disk, secret] = [join(folder, 'disk'), join(folder, 'password')];
    writeFileSync(disk, sector);
    writeFileSync(secret, DESKTOP_PASSWORD, { mode: 0o600 });
    const command = [
      ...['qemu-system-x86_64', '-nodefaults', '-display', 'none', '-accel', 'tcg', '-m', '16'],
      ...['-vga', 'std', '-drive', `file=${disk},format=raw,if=ide,snapshot=on`],
      ...['-object', `secret,id=vnc,file=${secret}`],
      ...['-vnc', `127.0.0.1:${port - FIRST_VNC_PORT},password-secret=vnc`],
    ];
    return { command };
  });
}

/** Any number that no user on Debian has: sway does not run as root. */
const UNPRIVILEGED = 54_321;

/** wayvnc with a Wayland compositor without a physical screen, for the user `panel`. */
export async function startWayvnc(): Promise<OwnDesktop> {
  let keyFile = '';
  const daemon = await startDaemon('wayvnc', (folder, port) => {
    const file = (name: string): string => join(folder, name);
    keyFile = file('key-came');
    const [key, certificate] = [file('key.pem'), file('certificate.pem')];
    const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=panel.test'];
    const out = ['-days', '2', '-keyout', key, '-out', certificate];
    execFileSync('openssl', [...request, ...out], { stdio: 'ignore' });
    const settings = {
      address: '127.0.0.1',
      port,
      enable_auth: true,
      username: 'panel',
      password: DESKTOP_PASSWORD,
      private_key_file: key,
      certificate_file: certificate,
    };
    const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
    writeFileSync(file('wayvnc'), lines.join(''));
    writeFileSync(
      file('sway'),
      `output HEADLESS-1 resolution 640x480
xwayland disable
exec wayvnc -C ${file('wayvnc')}
bindsym a exec touch ${keyFile}
`,
    );
    mkdirSync(file('runtime'), { mode: 0o700 });
    const isRoot = userInfo().uid === 0;
    if (isRoot) execFileSync('chown', ['-R', `${UNPRIVILEGED}:${UNPRIVILEGED}`, folder]);
    const user = ['--reuid', `${UNPRIVILEGED}`, '--regid', `${UNPRIVILEGED}`, '--clear-groups'];
    return {
      command: [...(isRoot ? ['setpriv', ...user] : []), 'sway', '-c', file('sway')],
      env: {
        PATH: process.env['PATH'],
        HOME: folder,
        XDG_RUNTIME_DIR: file('runtime'),
        WLR_BACKENDS: 'headless',
        WLR_RENDERER: 'pixman',
        WLR_LIBINPUT_NO_DEVICES: '1',
      },
    };
  });
  return { ...daemon, gotKey: () => existsSync(keyFile) };
}

/** Forwards connections; the namespace of vino has only its own loopback device. */
const BRIDGE = `
const { connect, createServer } = require('node:net');
const [path, port] = process.argv.slice(1);
createServer(near => {
  const far = connect(Number(port), '127.0.0.1');
  for (const end of [near, far]) end.on('error', () => { near.destroy(); far.destroy(); });
  near.pipe(far).pipe(near);
}).listen(path);
`;

/**
 * vino, GNOME's former VNC server, on the display of another X server. Requires root or sudo:
 * during startup it briefly listens on all addresses, so it gets a network namespace.
 */
export async function startVino({ display, authority }: Xvnc): Promise<Daemon> {
  let path = '';
  const daemon = await startDaemon('vino', (folder, port) => {
    path = join(folder, 'socket');
    const log = join(folder, 'log');
    const settings = join(folder, 'glib-2.0', 'settings');
    mkdirSync(settings, { recursive: true });
    writeFileSync(
      join(settings, 'keyfile'),
      `[org/gnome/desktop/remote-access]
prompt-enabled=false
authentication-methods=['vnc']
vnc-password='${Buffer.from(DESKTOP_PASSWORD).toString('base64')}'
require-encryption=true
use-alternative-port=true
alternative-port=${port}
network-interface='lo'
notify-on-connect=false
icon-visibility='never'
`,
    );
    const env = [
      ...[`DISPLAY=${display}`, `XAUTHORITY=${authority}`, 'GSETTINGS_BACKEND=keyfile'],
      ...[`HOME=${folder}`, `XDG_CONFIG_HOME=${folder}`, `XDG_RUNTIME_DIR=${folder}`],
      'NO_AT_BRIDGE=1',
    ];
    const script = 'ip link set lo up; "$@" & exec "$NODE" -e "$BRIDGE" "$SOCKET" "$PORT"';
    const bridge = [`NODE=${process.execPath}`, `BRIDGE=${BRIDGE}`, `SOCKET=${path}`];
    return {
      command: [
        ...[...administrator(), 'env', ...env, ...bridge, `PORT=${port}`],
        ...['unshare', '--net', '--pid', '--fork', '--kill-child', 'sh', '-c', script, 'sh'],
        ...['dbus-run-session', '--', '/usr/lib/vino/vino-server', '--sm-disable'],
      ],
      // unshare ignores SIGTERM; killing it ends its whole namespace.
      signal: 'SIGKILL',
      // It logs this once for each address, and last for the configured port.
      isReady: () =>
        existsSync(path) &&
        readFileSync(log, 'utf8').includes("Advertising authentication type: 'VNC"),
    };
  });
  const bridge = await tcpTarget(near => {
    const far = connect(path);
    far.on('error', () => near.destroy());
    near.pipe(far).pipe(near);
  });
  const stop = async (): Promise<void> => {
    await bridge.stop();
    await daemon.stop();
  };
  return { ...daemon, port: bridge.port, stop };
}
