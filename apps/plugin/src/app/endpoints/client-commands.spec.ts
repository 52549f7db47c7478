/** @jest-environment node */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PlatformAnswer } from '../host/platform-calls';
import { clientCommands, serialOf } from './client-commands';

const HOSTILE = `it's; $(touch pwned) \`id\` "x" 100% & | > * \\ ü`;

describe('clientCommands', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'commands-'));
    // Each program prints its arguments, one per line. As the real one does, ssh replaces %% and
    // hands the ProxyCommand to a shell.
    const echo = '#!/bin/sh\nfor one; do printf "%s\\n" "$one"; done\n';
    for (const program of ['c8y', 'c8ylp']) writeFileSync(join(folder, program), echo);
    const ssh = '#!/bin/sh\nsh -c "$(printf %s "${2#ProxyCommand=}" | sed "s/%%/%/g")"\n';
    writeFileSync(join(folder, 'ssh'), ssh);
    for (const program of ['c8y', 'c8ylp', 'ssh']) chmodSync(join(folder, program), 0o755);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const run = (line: string): string[] =>
    execFileSync('/bin/sh', ['-c', line], {
      cwd: folder,
      env: { PATH: `${folder}:/usr/bin:/bin` },
      encoding: 'utf8',
    })
      .trimEnd()
      .split('\n');

  it('returns the commands of go-c8y-cli for a device', () => {
    expect(clientCommands({ deviceId: '1001', endpointName: 'PLC' }).map(one => one.line)).toEqual([
      'c8y remoteaccess server --device 1001 --configuration PLC --listen 127.0.0.1:0',
      'c8y remoteaccess connect ssh --device 1001 --configuration PLC --user USER',
      "ssh -o 'ProxyCommand=c8y remoteaccess server --device 1001 --configuration PLC --listen -' USER@1001",
    ]);
  });

  it('adds those of c8ylp if the device has a serial', () => {
    const commands = clientCommands({ deviceId: '1', endpointName: 'P', serial: 'gw-1' });
    expect(commands.filter(one => one.program === 'c8ylp').map(one => one.line)).toEqual([
      'c8ylp server gw-1 --config P --env-file .env',
      'c8ylp connect ssh gw-1 --config P --env-file .env --ssh-user USER',
      "ssh -o 'ProxyCommand=c8ylp server gw-1 --config P --env-file .env --stdio' USER@gw-1",
    ]);
  });

  it.each(['Shell of the press', HOSTILE])('passes the name %j to the program unchanged', name => {
    const commands = clientCommands({ deviceId: '1', endpointName: name, serial: name });
    expect(commands).toHaveLength(6);
    for (const { line } of commands) expect(run(line)).toContain(name);
  });
});

describe('serialOf', () => {
  const platform = (answer: PlatformAnswer) => ({
    call: () => Promise.resolve(answer),
    webSocketAddress: (path: string) => path,
    basicToken: () => undefined,
  });

  it('returns the external id that c8ylp uses', async () => {
    const externalIds = [
      { type: 'c8y_Other', externalId: 'x' },
      { type: 'c8y_Serial', externalId: 'gw-1' },
    ];
    await expect(serialOf(platform({ status: 200, body: { externalIds } }), '1')).resolves.toBe(
      'gw-1',
    );
  });

  it.each([
    { status: 403, body: {} },
    { status: 0, body: undefined },
    { status: 200, body: { externalIds: [] } },
    { status: 200, body: '<html>' },
  ])('returns undefined for the answer %j', async answer => {
    await expect(serialOf(platform(answer), '1')).resolves.toBeUndefined();
  });
});
