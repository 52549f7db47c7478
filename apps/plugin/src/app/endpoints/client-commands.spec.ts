/** @jest-environment node */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PlatformAnswer } from '../host/platform-calls';
import { clientCommands, serialOf } from './client-commands';

const HOSTILE = `it's; $(touch pwned) \`id\` "x" 100% & | > * \\ ü`;

const PROGRAMS = ['remote-access', 'c8y', 'c8ylp'];

describe('clientCommands', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'commands-'));
    // Each program prints its arguments, one per line. Like the real one, ssh replaces %% and
    // passes the ProxyCommand to a shell.
    const echo = '#!/bin/sh\nfor one; do printf "%s\\n" "$one"; done\n';
    for (const program of PROGRAMS) writeFileSync(join(folder, program), echo);
    const ssh = '#!/bin/sh\nsh -c "$(printf %s "${2#ProxyCommand=}" | sed "s/%%/%/g")"\n';
    writeFileSync(join(folder, 'ssh'), ssh);
    for (const program of [...PROGRAMS, 'ssh']) chmodSync(join(folder, program), 0o755);
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

  const lines = (port: number, serial?: string) =>
    clientCommands({ deviceId: '1001', endpointName: 'PLC', port, serial }).map(({ line }) => line);

  it('offers ssh for an SSH server, shortest command first', () => {
    expect(lines(22)).toEqual([
      'remote-access ssh --user USER 1001 PLC',
      'c8y remoteaccess connect ssh --device 1001 --configuration PLC --user USER',
      "ssh -o 'ProxyCommand=c8y remoteaccess server --device 1001 --configuration PLC --listen -' USER@1001",
      'remote-access forward 1001 PLC',
      'c8y remoteaccess server --device 1001 --configuration PLC --listen 127.0.0.1:0',
    ]);
  });

  it.each([80, 443, 8443])('offers the browser for a web server on port %d', port => {
    expect(lines(port)).toEqual([
      'remote-access web 1001 PLC',
      'remote-access forward 1001 PLC',
      'c8y remoteaccess server --device 1001 --configuration PLC --listen 127.0.0.1:0',
    ]);
  });

  it('offers a viewer for a VNC server', () => {
    expect(lines(5901)[0]).toBe('remote-access vnc 1001 PLC');
  });

  it('offers everything that may fit for any other port', () => {
    expect(lines(5432)[0]).toBe('remote-access forward 1001 PLC');
    expect(lines(2222)).toContain('remote-access ssh --user USER 1001 PLC');
    expect(lines(3000)).toContain('remote-access web 1001 PLC');
  });

  it('adds those of c8ylp if the device has a serial number', () => {
    expect(lines(22, 'gw-1').filter(line => line.includes('c8ylp'))).toEqual([
      'c8ylp connect ssh gw-1 --config PLC --env-file .env --ssh-user USER',
      "ssh -o 'ProxyCommand=c8ylp server gw-1 --config PLC --env-file .env --stdio' USER@gw-1",
      'c8ylp server gw-1 --config PLC --env-file .env',
    ]);
  });

  it.each(['Shell of the press', '-rf', HOSTILE])(
    'passes the name %j to the program unchanged',
    name => {
      const subject = { deviceId: '1', endpointName: name, port: 2222, serial: name };
      const commands = clientCommands(subject);
      expect(commands).toHaveLength(9);
      for (const { line } of commands) expect(run(line)).toContain(name);
    },
  );
});

describe('serialOf', () => {
  const platform = (answer: PlatformAnswer) => ({
    call: () => Promise.resolve(answer),
    webSocketAddress: (path: string) => path,
    basicToken: () => undefined,
    xsrfToken: () => undefined,
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
  ])('returns undefined for the response %j', async answer => {
    await expect(serialOf(platform(answer), '1')).resolves.toBeUndefined();
  });
});
