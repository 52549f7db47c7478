import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { RunningSession } from '@remote-access/contracts';
import { startXvnc, waitUntil, type Xvnc } from '@remote-access/testkit';
import { CommandLine } from '../fixtures/command-line';
import { Stack } from '../fixtures/stack';

const run = promisify(execFile);

describe('the command line and graphical programs', () => {
  let stack: Stack;
  let commands: CommandLine;
  let pages: { http: Server; https: Server };

  const portOf = (server: Server): number => (server.address() as AddressInfo).port;

  beforeAll(async () => {
    stack = await Stack.start();
    stack.letReadIdentities('engineer');
    commands = new CommandLine(stack.emulator.url);
    const [key, cert] = ['key.pem', 'cert.pem'].map(name => join(commands.homePath, name));
    const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
    execFileSync(
      'openssl',
      [...request, '-nodes', '-keyout', key!, '-out', cert!, '-subj', '/CN=panel'],
      { stdio: 'ignore' },
    );
    const identity = { key: readFileSync(key!), cert: readFileSync(cert!) };
    pages = {
      http: createHttpServer((request, answer) => answer.end(`plain ${request.url}`)),
      https: createHttpsServer(identity, (request, answer) => answer.end(`tls ${request.url}`)),
    };
    for (const server of Object.values(pages)) {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    }
    const endpoint = { hostname: '127.0.0.1', protocol: 'PASSTHROUGH' } as const;
    await stack.addEndpoint({ ...endpoint, name: 'Panel', port: portOf(pages.http) });
    await stack.addEndpoint({ ...endpoint, name: 'Safe panel', port: portOf(pages.https) });
  });
  afterAll(async () => {
    await commands.remove();
    await stack.stop();
    for (const server of Object.values(pages)) server.close();
  });

  it('web detects that a page is http, and opens it in the browser', async () => {
    // A browser that records what it is asked to open.
    const browser = join(commands.homePath, 'browser');
    const opened = join(commands.homePath, 'opened');
    writeFileSync(browser, `#!/bin/sh\necho "$1" > '${opened}'\n`);
    chmodSync(browser, 0o755);
    const web = commands.start(['web', 'gw-1', 'Panel', '--path', '/login?lang=en'], {
      env: { BROWSER: browser },
    });
    const url = await web.address();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/login\?lang=en$/);
    await waitUntil('the browser', () => existsSync(opened) && readFileSync(opened, 'utf8') !== '');
    expect(readFileSync(opened, 'utf8').trim()).toBe(url);
    const { stdout } = await run('curl', ['--silent', '--fail', url]);
    expect(stdout).toBe('plain /login?lang=en');
    expect((await web.end()).code).toBe(0);
  });

  it('web detects that a page is https', async () => {
    const web = commands.start(['web', 'gw-1', 'Safe panel', '--no-open']);
    const url = await web.address();
    expect(url).toMatch(/^https:/);
    const { stdout } = await run('curl', ['--silent', '--fail', '--insecure', url]);
    expect(stdout).toBe('tls /');
    await web.end();
  });

  it('web serves 50 requests at the same time', async () => {
    const web = commands.start(['web', 'gw-1', 'Panel', '--no-open']);
    const url = await web.address();
    const texts = await Promise.all(
      Array.from({ length: 50 }, async (_, at) => (await fetch(`${url}${at}`)).text()),
    );
    expect(texts).toEqual(Array.from({ length: 50 }, (_, at) => `plain /${at}`));
    await web.end();
  });

  it('web refuses an invalid path', async () => {
    const { code } = await commands.run(['web', 'gw-1', 'Panel', '--path', '@evil.example']);
    expect(code).toBe(2);
  });

  describe('vnc', () => {
    let panel: Xvnc;
    let screen: Xvnc;

    beforeAll(async () => {
      [panel, screen] = await Promise.all([
        startXvnc({ securityTypes: ['VncAuth'], password: 'grease' }),
        // The display on which the viewer itself is shown.
        startXvnc({ securityTypes: ['None'] }),
      ]);
      await stack.addEndpoint({
        name: 'Screen',
        hostname: '127.0.0.1',
        port: panel.port,
        protocol: 'VNC',
        credentialsType: 'PASS_ONLY',
        password: 'grease',
        allowUnencryptedSignIn: true,
      });
    });
    afterAll(() => Promise.all([panel.stop(), screen.stop()]));

    it('opens a real viewer, which needs no password', async () => {
      const vnc = commands.start(['vnc', 'gw-1', 'Screen', '--viewer', 'xtigervncviewer'], {
        env: { DISPLAY: screen.display, XAUTHORITY: screen.authority },
      });
      await waitUntil('the viewer is connected', () =>
        panel.log().includes('Connections: accepted'),
      );
      let running: RunningSession[] = [];
      await waitUntil('the session is listed', async () => {
        const all = await commands.json<RunningSession[]>(['sessions', 'gw-1']);
        // The browser's connections from earlier tests may still be open.
        running = all.filter(({ protocol }) => protocol === 'VNC');
        return running.some(({ state }) => state === 'open');
      });
      expect(running).toMatchObject([{ endpointName: 'Screen', user: 'engineer' }]);
      // The viewer is told the reason and stays open to show it.
      expect((await commands.run(['sessions', 'gw-1', '--end', running[0]!.id])).code).toBe(0);
      await waitUntil('the reason', () => vnc.stderr.includes('ended the session'));
      await vnc.end('SIGTERM');
    });

    it('says which viewers it knows if none is installed', async () => {
      const { code, stderr } = await commands.run(['vnc', 'gw-1', 'Screen', '--viewer', 'no-such']);
      expect(code).toBe(9);
      expect(stderr).toContain('TigerVNC');
    });
  });

  describe('export and import', () => {
    it('carry endpoints from one gateway to another', async () => {
      const file = join(commands.homePath, 'endpoints.json');
      expect((await commands.run(['export', 'gw-1', '-o', file])).code).toBe(0);
      const rows = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>[];
      const named = rows.filter(({ name }) => name === 'Panel');
      writeFileSync(
        file,
        JSON.stringify(named.map(({ id: _id, deviceId: _device, ...row }) => row)),
      );

      const dry = await commands.run(['import', file, '--gateway', 'gw-2', '--dry-run']);
      expect(dry).toMatchObject({ code: 0 });
      expect(dry.stderr).toContain('Nothing was changed');
      expect(await commands.json(['ls', 'gw-2'])).toEqual([]);

      expect((await commands.run(['import', file, '--gateway', 'gw-2'])).code).toBe(0);
      const [endpoint] = await commands.json<{ name: string; port: number }[]>(['ls', 'gw-2']);
      expect(endpoint).toMatchObject({ name: 'Panel', port: portOf(pages.http) });
    });

    it('exits with 1 if a line is refused, and reads CSV from stdin', async () => {
      const input = 'name,hostname,port,protocol\nBad,10.0.0.1,70000,PASSTHROUGH\n';
      const { code, stdout } = await commands.run(['import', '-', '--gateway', 'gw-2'], { input });
      expect(code).toBe(1);
      expect(stdout).toContain('refused');
    });
  });

  it('shows names of devices without their control characters', async () => {
    await stack.json('/inventory/managedObjects/1002', {
      method: 'PUT',
      user: 'admin',
      body: JSON.stringify({ name: 'Spare\u001b]0;owned\u0007\u202e gateway' }),
    });
    const { stdout } = await commands.run(['ls', '--all']);
    expect(stdout).toContain('Spare ]0;owned  gateway');
    expect(stdout).not.toMatch(/[\u001b\u0007\u202e]/);
  });
});
