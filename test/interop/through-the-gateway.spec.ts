import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AuditRecord, Operation } from '@remote-access/contracts/platform';
import {
  closedPort,
  startSshd,
  tcpTarget,
  waitUntil,
  type Sshd,
  type TcpTarget,
} from '@remote-access/testkit';
import type { WebSocket } from 'ws';
import { GATEWAY, Stack } from '../fixtures/stack';

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** All binary data that the client receives until it is closed. */
async function receive(socket: WebSocket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on('message', chunk => chunks.push(chunk as Buffer));
  await once(socket, 'close');
  return Buffer.concat(chunks);
}

describe('a session through platform, microservice and agent', () => {
  let stack: Stack;
  let target: TcpTarget | undefined;

  const endpointOf = (port: number, name: string): Promise<{ id: string }> =>
    stack.addEndpoint({ name, hostname: '127.0.0.1', port, protocol: 'PASSTHROUGH' });

  const newestOperation = async (): Promise<Operation> => {
    const { operations } = await stack.json<{ operations: Operation[] }>(
      `/devicecontrol/operations?deviceId=${GATEWAY}&revert=true&pageSize=1`,
    );
    return operations[0]!;
  };

  beforeAll(async () => {
    stack = await Stack.start();
  });
  afterEach(async () => {
    await target?.stop();
    target = undefined;
  });
  afterAll(() => stack.stop());

  it('keeps the bytes of many concurrent sessions apart', async () => {
    target = await tcpTarget();
    const { id } = await endpointOf(target.port, 'Echo');
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        const client = await stack.connectRaw(id);
        const sent = randomBytes(300_000 + Math.floor(Math.random() * 300_000));
        const got: Buffer[] = [];
        let length = 0;
        const whole = new Promise<void>(resolve =>
          client.on('message', (chunk: Buffer) => {
            got.push(chunk);
            length += chunk.length;
            if (length === sent.length) resolve();
          }),
        );
        client.send(sent);
        await whole;
        client.close();
        await once(client, 'close');
        expect(sha256(Buffer.concat(got))).toBe(sha256(sent));
      }),
    );
  });

  it('delivers the last bytes of a server that closes at once', async () => {
    const last = randomBytes(2_000_000);
    target = await tcpTarget(socket => socket.end(last));
    const { id } = await endpointOf(target.port, 'Brief');
    const got = await receive(await stack.connectRaw(id));
    expect(sha256(got)).toBe(sha256(last));
  });

  it('delivers the last bytes of a client that closes at once', async () => {
    const arrived: Buffer[] = [];
    let ended = false;
    target = await tcpTarget(socket => {
      socket.on('data', chunk => arrived.push(chunk));
      socket.on('end', () => (ended = true));
    });
    const { id } = await endpointOf(target.port, 'Sink');
    const client = await stack.connectRaw(id);
    const last = randomBytes(700_000);
    client.send(last);
    client.close();
    await waitUntil('the target sees the end', () => ended);
    expect(sha256(Buffer.concat(arrived))).toBe(sha256(last));
  });

  it('tells the client at once that the port is closed', async () => {
    const port = await closedPort();
    const { id } = await endpointOf(port, 'Closed');
    const client = await stack.connectTerminal(id);
    const error = await client.message('error');
    expect(error.code).toBe('gateway-refused');
    expect(error.text).toContain(`connection refused by 127.0.0.1:${port}`);
    await client.closed();
    expect(client.closeCode).toBe(4502);
    const operation = await newestOperation();
    expect(operation.status).toBe('FAILED');
    expect(operation.failureReason).toContain('connection refused');
  });

  it('names the host that cannot be resolved', async () => {
    const endpoint = await stack.addEndpoint({
      name: 'Nowhere',
      hostname: 'no-such-host.invalid',
      port: 22,
      protocol: 'PASSTHROUGH',
    });
    const client = await stack.connectTerminal(endpoint.id);
    expect((await client.message('error')).text).toContain('no-such-host.invalid');
    await client.closed();
  });

  it('refuses an address that the gateway denies, however it is spelled', async () => {
    const endpoint = await stack.addEndpoint({
      name: 'Metadata',
      hostname: '::ffff:169.254.169.254',
      port: 80,
      protocol: 'PASSTHROUGH',
    });
    const client = await stack.connectTerminal(endpoint.id);
    expect((await client.message('error')).text).toMatch(/denied|not allowed/);
    await client.closed();
  });

  it('ends the client with the reason when the agent stops', async () => {
    target = await tcpTarget();
    const { id } = await endpointOf(target.port, 'Echo of a dying agent');
    const client = await stack.connectTerminal(id);
    await client.reaches('open');
    // An end before the first byte would indicate that nothing listens.
    client.socket.send(Buffer.from('hello'));
    await client.reads('hello');
    await stack.stopAgent();
    await client.closed();
    expect((await client.message('ended')).by).toBe('gateway');
    expect((await newestOperation()).status).toBe('SUCCESSFUL');
    await stack.startAgent();
  });

  it('serves an operation that was created while the agent was away', async () => {
    target = await tcpTarget();
    const { id } = await endpointOf(target.port, 'Echo after a break');
    await stack.stopAgent();
    const client = await stack.connectTerminal(id);
    await client.reaches('operation-created');
    await stack.startAgent();
    await client.reaches('open');
    client.type('late');
    await client.reads('late');
    client.disconnect();
    await client.closed();
    expect((await client.message('ended')).by).toBe('client');
  });

  describe('with a shell', () => {
    const signIn = { name: 'machinist', password: 'grease-and-oil' };
    let sshd: Sshd;
    let passwordSshd: Sshd;

    beforeAll(async () => {
      [sshd, passwordSshd] = await Promise.all([startSshd(), startSshd({ passwordUser: signIn })]);
    });
    afterAll(() => Promise.all([sshd.stop(), passwordSshd.stop()]));

    it('signs in with a key to a pinned server and carries Unicode', async () => {
      const { id } = await stack.addEndpoint({
        name: 'Shell by key',
        hostname: '127.0.0.1',
        port: sshd.port,
        protocol: 'SSH',
        credentialsType: 'KEY_PAIR',
        username: sshd.userName,
        privateKey: sshd.privateKey,
        publicKey: sshd.publicKey,
        hostKey: sshd.hostKeys[0]!,
      });
      const client = await stack.connectTerminal(id);
      client.resize(97, 31);
      expect((await client.message('host-key')).state).toBe('known');
      await client.reaches('open');
      client.type("stty size; printf 'čšž € 漢字 😀\\n'; exit 3\n");
      await client.closed();
      expect(client.text).toContain('31 97');
      expect(client.text).toContain('\nčšž € 漢字 😀');
      const ended = await client.message('ended');
      expect(ended).toMatchObject({ by: 'target', code: 'normal', exitStatus: 3 });
      expect(ended.outputBytes).toBe(client.output.length);
    });

    it('signs in with a password and records that the user accepted the host key', async () => {
      const { id } = await stack.addEndpoint({
        name: 'Shell by password',
        hostname: '127.0.0.1',
        port: passwordSshd.port,
        protocol: 'SSH',
        credentialsType: 'USER_PASS',
        username: signIn.name,
        password: signIn.password,
      });
      const client = await stack.connectTerminal(id);
      expect(await client.message('host-key')).toMatchObject({ state: 'new', question: true });
      client.send({ type: 'host-key-answer', answer: 'once' });
      await client.reaches('open');
      client.type('id -un; exit\n');
      await client.closed();
      expect(client.text).toMatch(/[\r\n]machinist\r/);

      const operation = await newestOperation();
      const { auditRecords } = await stack.json<{ auditRecords: AuditRecord[] }>(
        `/audit/auditRecords?source=${operation.id}&type=Operation&pageSize=100`,
      );
      const texts = auditRecords.map(record => record.text).join('\n');
      expect(texts).toContain('host key accepted by the user');
      expect(texts).not.toContain(signIn.password);
    });

    it("refuses a wrong password with the contract's message", async () => {
      const { id } = await stack.addEndpoint({
        name: 'Wrong',
        hostname: '127.0.0.1',
        port: passwordSshd.port,
        protocol: 'SSH',
        credentialsType: 'USER_PASS',
        username: signIn.name,
        password: 'not it',
        hostKey: passwordSshd.hostKeys[0]!,
      });
      const client = await stack.connectTerminal(id);
      const error = await client.message('error');
      expect(error.text).toBe(
        'Could not login to ssh server on endpoint "Wrong". ' +
          'Provided credential for user "machinist" is incorrect.',
      );
      await client.closed();
      expect(client.closeCode).toBe(4424);
    });

    it('sends nothing to a server whose key differs from the pinned one', async () => {
      const { id } = await stack.addEndpoint({
        name: 'Changed',
        hostname: '127.0.0.1',
        port: passwordSshd.port,
        protocol: 'SSH',
        credentialsType: 'USER_PASS',
        username: signIn.name,
        password: signIn.password,
        hostKey: sshd.hostKeys[0]!,
      });
      const before = passwordSshd.log();
      const client = await stack.connectTerminal(id);
      const error = await client.message('error');
      expect(error.code).toBe('host-key-mismatch');
      expect(error.text).toContain('Could not connect to endpoint Changed.');
      await client.closed();
      expect(passwordSshd.log().slice(before.length)).not.toMatch(/Failed|Accepted|userauth/);
    });
  });
});
