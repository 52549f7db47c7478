import { execFile, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  closedPort,
  isListening,
  startSshd,
  temporaryFolder,
  waitUntil,
  type Sshd,
} from '@remote-access/testkit';
import type { Endpoint } from '@remote-access/contracts';
import { WebSocket } from 'ws';
import { basic, GATEWAY, PASSWORD, Stack } from '../../fixtures/stack';
import { ForeignProgram, IS_FULL } from './compatibility';

const run = promisify(execFile);
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

const PARALLEL = 20;

/** An installed program, or the one built by tools/interop-programs/go-programs.mjs. */
const PROGRAM = process.env['GO_C8Y_CLI'];

describe('go-c8y-cli', () => {
  const folder = temporaryFolder('go-c8y-cli');
  let stack: Stack;
  let sshd: Sshd;
  let ssh: string[];

  beforeAll(async () => {
    [stack, sshd] = await Promise.all([Stack.start(), startSshd()]);
    await stack.addEndpoint({
      name: 'Shell',
      hostname: '127.0.0.1',
      port: sshd.port,
      protocol: 'PASSTHROUGH',
    });
    const key = join(folder.path, 'key');
    writeFileSync(key, sshd.privateKey, { mode: 0o600 });
    ssh = ['-F', 'none', '-i', key, '-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=no'];
    ssh.push('-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR');
  });
  afterAll(async () => {
    await stack.stop();
    await sshd.stop();
    folder.remove();
  });

  describe('as a raw client', () => {
    const client = new ForeignProgram(
      'Behaviour of go-c8y-cli',
      'none, imitated from its sources',
      'a raw client that does what it is known to do',
    );

    /** Its library sends these with every call (reubenmiller/go-c8y). */
    const OF_LIBRARY = {
      accept: 'application/json',
      'user-agent': 'go-client',
      'x-application': 'go-client',
    };
    const configurations = `/service/remoteaccess/devices/${GATEWAY}/configurations`;

    async function call<Body>(method: string, path: string, body?: object): Promise<Body> {
      return stack.json<Body>(path, {
        method,
        headers: OF_LIBRARY,
        ...(body && { body: JSON.stringify(body) }),
      });
    }

    client.can('asks for the tenant, and for the device by its name and by its id', async () => {
      expect(await call('GET', '/tenant/currentTenant')).toMatchObject({ name: 't1001' });
      // Go writes blanks in a query as "+".
      const query = new URLSearchParams({
        pageSize: '5',
        query: "(name eq 'Factory gateway') and has(c8y_IsDevice)",
      });
      const found = await call('GET', `/inventory/managedObjects?${query}`);
      expect(found).toMatchObject({ managedObjects: [{ id: GATEWAY, name: 'Factory gateway' }] });
      const path = `/inventory/managedObjects/${GATEWAY}`;
      expect(await call('GET', path)).toMatchObject({ name: 'Factory gateway' });
      return undefined;
    });

    client.can('finds a bare array of configurations, with a page size', async () => {
      for (const path of [configurations, `${configurations}?pageSize=50`]) {
        const list = await call<Endpoint[]>('GET', path);
        expect(Array.isArray(list)).toBe(true);
        expect(list).toMatchObject([{ name: 'Shell', protocol: 'PASSTHROUGH' }]);
        // Decoded into Go strings and an int: anything else would end the command.
        const [{ id, port, credentials }] = list as [Endpoint];
        expect([typeof id, typeof port]).toEqual(['string', 'number']);
        for (const value of Object.values(credentials)) {
          expect(value === null || typeof value === 'string').toBe(true);
        }
      }
      return undefined;
    });

    client.can('creates, gets and deletes configurations with its five commands', async () => {
      const local = { hostname: '127.0.0.1' };
      const [publicKey, privateKey] = [sshd.publicKey, sshd.privateKey];
      const ofSsh = { ...local, port: 22, protocol: 'SSH', username: 'admin' };
      const commands: object[] = [
        {
          ...local,
          port: 22,
          protocol: 'PASSTHROUGH',
          name: 'passthrough',
          credentialsType: 'NONE',
        },
        { ...ofSsh, name: 'webssh', credentialsType: 'USER_PASS', password: '3Xz7cEj%oAmt#d' },
        { ...ofSsh, name: 'webssh 2', credentialsType: 'KEY_PAIR', privateKey, publicKey },
        { ...local, port: 5900, protocol: 'VNC', name: 'vnc', credentialsType: 'NONE' },
        {
          ...local,
          port: 5900,
          protocol: 'VNC',
          name: 'vnc 2',
          credentialsType: 'PASS_ONLY',
          password: 'asd08dcj23dsf{@#9}',
        },
        { ...local, port: 23, protocol: 'TELNET', name: 'telnet', credentialsType: 'NONE' },
      ];
      for (const body of commands) {
        const { id } = await call<Endpoint>('POST', configurations, body);
        const fields = body as Record<string, unknown>;
        const { credentialsType, password, privateKey: secret, username, ...shown } = fields;
        delete shown['publicKey'];
        const got = await call<Endpoint>('GET', `${configurations}/${id}`);
        expect(got).toMatchObject({ ...shown, credentials: { type: credentialsType } });
        expect(JSON.stringify(got)).not.toContain(String(password ?? secret));
        expect(got.credentials.username).toBe(username ?? null);
        const init = { method: 'DELETE', headers: OF_LIBRARY };
        const answer = await stack.fetch(`${configurations}/${id}`, init);
        expect([answer.status, await answer.text()]).toEqual([204, '']);
      }
      return undefined;
    });

    client.can('is told what is missing when it updates the name alone', async () => {
      // A hidden command of it; PUT carries the whole state.
      const init = { method: 'PUT', headers: OF_LIBRARY, body: JSON.stringify({ name: 'hello' }) };
      const answer = await stack.fetch(`${configurations}/1`, init);
      expect(answer.status).toBe(422);
      expect(await answer.json()).toMatchObject({ message: expect.stringMatching(/hostname/i) });
      expect(await call('GET', `${configurations}/1`)).toMatchObject({ name: 'Shell' });
      return undefined;
    });

    client.can('runs 20 ssh at a time, and ends each without a close frame', async () => {
      // A listener like its own: a WebSocket without subprotocol for each connection, and no pings.
      const server = createServer({ allowHalfOpen: true }, socket => {
        const tunnel = new WebSocket(stack.webSocketUrl(stack.clientPath('1')), {
          headers: { authorization: basic('operator'), 'content-type': 'application/json' },
          perMessageDeflate: false,
        });
        const early: Buffer[] = [];
        socket.on('data', chunk => {
          if (tunnel.readyState === WebSocket.OPEN) tunnel.send(chunk);
          else early.push(chunk);
        });
        tunnel.on('open', () => early.forEach(chunk => tunnel.send(chunk)));
        tunnel.on('message', (chunk: Buffer) => socket.write(chunk));
        tunnel.on('close', () => socket.destroy());
        tunnel.on('error', () => socket.destroy());
        socket.on('error', () => tunnel.terminate());
        socket.on('end', () => tunnel.terminate());
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as { port: number };
      const startedAt = performance.now();
      const texts = await Promise.all(
        Array.from({ length: PARALLEL }, async (_, at) => {
          const line = [...ssh, '-p', String(port), '127.0.0.1', `echo ${at}`];
          return (await run('ssh', line)).stdout.trim();
        }),
      );
      expect(texts).toEqual(Array.from({ length: PARALLEL }, (_, at) => String(at)));
      await stack.operationsEnd();
      server.close();
      return `${PARALLEL} in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
    });
  });

  // If the Go module proxy does not serve it, docs/compatibility.md says so.
  if (PROGRAM !== undefined) {
    describe('itself', () => {
      const program = new ForeignProgram('go-c8y-cli', 'as installed', 'a client: forwards a port');
      const environment = (): NodeJS.ProcessEnv => ({
        PATH: process.env['PATH'],
        HOME: folder.path,
        C8Y_HOST: stack.emulator.url,
        C8Y_TENANT: 't1001',
        C8Y_USER: 'admin',
        C8Y_PASSWORD: PASSWORD,
        CI: 'true',
      });

      program.can('lists the configurations of a gateway', async () => {
        const args = ['remoteaccess', 'configurations', 'list', '--device', GATEWAY];
        const { stdout } = await run(PROGRAM, [...args, '--output', 'json'], {
          env: environment(),
        });
        expect(stdout).toContain('Shell');
        return undefined;
      });

      program.can('serves a port, through which 20 ssh run at a time', async () => {
        const port = await closedPort();
        const args = ['remoteaccess', 'server', '--device', GATEWAY, '--configuration', 'Shell'];
        const server = spawn(PROGRAM, [...args, '--listen', `127.0.0.1:${port}`], {
          env: environment(),
          stdio: 'ignore',
        });
        await waitUntil('it listens', () => isListening(port), 30_000);
        const size = IS_FULL ? 1_000_000 : 100_000;
        const sent = randomBytes(size);
        const hashes = await Promise.all(
          Array.from({ length: PARALLEL }, async () => {
            const child = spawn('ssh', [...ssh, '-p', String(port), '127.0.0.1', 'sha256sum'], {
              stdio: ['pipe', 'pipe', 'ignore'],
            });
            let text = '';
            child.stdout.on('data', chunk => (text += String(chunk)));
            child.stdin.end(sent);
            await once(child, 'close');
            return text.slice(0, 64);
          }),
        );
        server.kill('SIGTERM');
        expect(new Set(hashes)).toEqual(new Set([sha256(sent)]));
        await stack.operationsEnd();
        return undefined;
      });
    });
  }
});
