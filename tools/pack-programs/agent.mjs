import '../node-version.mjs';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepare } from '../build.mjs';
import { parseArguments, reportAndFail } from '../cli-error.mjs';
import { run } from '../pack/command.mjs';
import { fetchNode } from '../pack/runtime.mjs';
import { inRepository, shown } from '../repository.mjs';
import { stageProgram } from './stage.mjs';

const USAGE = `npm run pack:agent [-- --out DIR]

Makes the npm package and the Debian package of the agent in dist, or in DIR.`;

/** The architecture of the Node.js in the Debian package. */
const ARCHITECTURE = 'amd64';

const PACKAGE = inRepository('apps', 'agent', 'package');

/** Builds the agent's npm package and its Debian package. */
async function main() {
  const { values } = parseArguments(USAGE, {
    options: { out: { type: 'string', default: inRepository('dist') } },
  });
  const { version } = JSON.parse(readFileSync(inRepository('package.json'), 'utf8'));
  await prepare(['node']);
  const folder = mkdtempSync(join(tmpdir(), 'remote-access-pack-'));
  try {
    mkdirSync(values.out, { recursive: true });
    const staged = join(folder, 'app');
    stageProgram(staged, {
      workspace: 'apps/agent',
      name: 'remote-access-agent',
      version,
      description: 'Remote access to the machines behind a Cumulocity gateway: the program on it',
      bin: 'package/remote-access-agent.mjs',
    });
    const args = ['pack', '--silent', '--pack-destination', values.out];
    await run('Packing the npm package', 'npm', args, { cwd: staged });
    const debian = await packDebian(join(folder, 'deb'), staged, version, values.out);
    console.log(`Packed into ${shown(values.out)}: remote-access-agent-${version}.tgz, ${debian}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} root
 * @param {string} staged
 * @param {string} version
 * @param {string} out
 */
async function packDebian(root, staged, version, out) {
  const { exampleSettingsFile, settingsReference } = await import('@remote-access/agent');
  const node = await fetchNode();
  const put = (/** @type {string} */ path, /** @type {string} */ from, mode = 0o644) => {
    const to = join(root, path);
    mkdirSync(join(to, '..'), { recursive: true });
    cpSync(from, to);
    chmodSync(to, mode);
  };
  const write = (/** @type {string} */ path, /** @type {string} */ text) => {
    const to = join(root, path);
    mkdirSync(join(to, '..'), { recursive: true });
    writeFileSync(to, text);
  };
  const lib = 'usr/lib/remote-access-agent';
  cpSync(staged, join(root, lib, 'app'), { recursive: true });
  put(`${lib}/node`, join(node, 'bin', 'node'), 0o755);
  put('usr/bin/remote-access-agent', join(PACKAGE, 'remote-access-agent.sh'), 0o755);
  const unit = 'remote-access-agent.service';
  put(`lib/systemd/system/${unit}`, join(PACKAGE, unit));
  const doc = 'usr/share/doc/remote-access-agent';
  write(`${doc}/agent-settings.md`, settingsReference());
  put(`${doc}/copyright`, inRepository('LICENSE'));
  put(`${doc}/node/LICENSE`, join(node, 'LICENSE'));
  const socket = 'socket = "/run/remote-access-agent/status.sock"';
  write('etc/remote-access-agent/agent.toml', exampleSettingsFile().replace(`#${socket}`, socket));
  write('DEBIAN/conffiles', '/etc/remote-access-agent/agent.toml\n');
  for (const script of ['postinst', 'prerm', 'postrm']) {
    put(`DEBIAN/${script}`, join(PACKAGE, script), 0o755);
  }
  write(
    'DEBIAN/control',
    [
      'Package: remote-access-agent',
      `Version: ${version}`,
      `Architecture: ${ARCHITECTURE}`,
      `Installed-Size: ${kibibytesIn(root)}`,
      'Section: net',
      'Priority: optional',
      'Depends: libc6 (>= 2.28), libstdc++6, passwd',
      'Maintainer: Cloud Remote Access <maintainers@example.com>',
      'Description: remote access to the machines behind a Cumulocity gateway',
      ' The program on the gateway: it opens connections to SSH, VNC, Telnet and TCP',
      ' servers when a user of the platform connects. It brings its own Node.js.',
      '',
    ].join('\n'),
  );
  const name = `remote-access-agent_${version}_${ARCHITECTURE}.deb`;
  const args = ['--root-owner-group', '-Zgzip', '-z6', '--build', root, join(out, name)];
  await run('Packing the Debian package', 'dpkg-deb', args);
  return name;
}

/** @param {string} folder */
function kibibytesIn(folder) {
  const sizes = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => statSync(join(entry.parentPath, entry.name)).size);
  return Math.ceil(sizes.reduce((sum, size) => sum + size, 0) / 1024);
}

main().catch(reportAndFail);
