import type { Endpoint, EndpointBody, PromptMessage } from '@remote-access/contracts';
import { SshAuthority, startSshd, type Sshd } from '@remote-access/testkit';
import { Stack } from '../fixtures/stack';
import type { TerminalClient } from '../fixtures/terminal-client';

const PERSON = { name: 'machinist', password: 'pässword' };
const REFUSED = (user: string): string =>
  `Could not login to ssh server on endpoint "Shell". Provided credential for user "${user}" is incorrect.`;

let stack: Stack;
const servers: Sshd[] = [];

beforeAll(async () => {
  stack = await Stack.start();
}, 30_000);
afterAll(async () => {
  await stack.stop();
  await Promise.all(servers.map(server => server.stop()));
}, 15_000);

async function sshd(...args: Parameters<typeof startSshd>): Promise<Sshd> {
  const server = await startSshd(...args);
  servers.push(server);
  return server;
}

function endpoint(server: Sshd, change: Partial<EndpointBody>): Promise<Endpoint> {
  return stack.addEndpoint({
    name: 'Shell',
    hostname: '127.0.0.1',
    port: server.port,
    protocol: 'SSH',
    username: server.userName,
    hostKey: server.hostKeys[0]!,
    ...change,
  });
}

async function connect(server: Sshd, change: Partial<EndpointBody>): Promise<TerminalClient> {
  return stack.connectTerminal((await endpoint(server, change)).id);
}

async function opens(client: TerminalClient): Promise<void> {
  await client.reaches('open');
  client.type("printf 'HE''RE'\n");
  await client.reads('HERE');
  client.disconnect();
  await client.closed();
}

const end = (client: TerminalClient) => client.messages.find(({ type }) => type === 'ended');
const error = (client: TerminalClient) => client.messages.find(({ type }) => type === 'error');
const prompts = (client: TerminalClient): PromptMessage[] =>
  client.messages.filter(message => message.type === 'prompt');

describe('a certificate', () => {
  let authority: SshAuthority;
  let server: Sshd;
  beforeAll(async () => {
    authority = SshAuthority.create();
    server = await sshd({
      config: [`TrustedUserCAKeys ${authority.publicKeyFile}`, 'AuthorizedKeysFile none'],
    });
  });
  afterAll(() => authority.remove());

  it.each(['ed25519', 'ecdsa:256', 'ecdsa:384', 'ecdsa:521', 'rsa:3072'])(
    'for a key of type %s signs in to a server that trusts its authority',
    async keyType => {
      const { privateKey, certificate } = authority.certify({
        keyType,
        principals: [server.userName],
      });
      await opens(
        await connect(server, { credentialsType: 'CERTIFICATE', privateKey, certificate }),
      );
      expect(server.log()).toMatch(/Accepted publickey .*-CERT /);
    },
  );

  it.each([
    ['has expired', { validity: '-2d:-1d' }, /Its certificate expired on \d{4}-\d\d-\d\d/],
    ['is not valid yet', { validity: '+1d:+2d' }, /Its certificate is not valid before \d{4}/],
    ['is for others', { principals: ['ana', 'eva'] }, /Its certificate is for ana, eva, not for /],
  ])(
    'that %s is refused with the message of the contract and the reason',
    async (_name, wishes, words) => {
      const { privateKey, certificate } = authority.certify({
        principals: [server.userName],
        ...wishes,
      });
      const client = await connect(server, {
        credentialsType: 'CERTIFICATE',
        privateKey,
        certificate,
      });
      await client.closed();
      const ended = end(client);
      expect(ended).toMatchObject({ by: 'target', code: 'sign-in-refused' });
      expect(ended).toHaveProperty('text', expect.stringContaining(REFUSED(server.userName)));
      expect(ended).toHaveProperty('text', expect.stringMatching(words));
    },
  );

  it('from an authority that the server does not trust is refused', async () => {
    const stranger = SshAuthority.create();
    const { privateKey, certificate } = stranger.certify({ principals: [server.userName] });
    const client = await connect(server, {
      credentialsType: 'CERTIFICATE',
      privateKey,
      certificate,
    });
    await client.closed();
    stranger.remove();
    expect(end(client)).toMatchObject({ code: 'sign-in-refused', text: REFUSED(server.userName) });
    expect(error(client)).toHaveProperty('hint', expect.stringContaining('publickey'));
  });

  it('is required: its key alone is refused', async () => {
    const { privateKey } = authority.certify({ principals: [server.userName] });
    const client = await connect(server, { credentialsType: 'KEY_PAIR', privateKey });
    await client.closed();
    expect(end(client)).toMatchObject({ code: 'sign-in-refused', text: REFUSED(server.userName) });
  });
});

describe('a server that asks through PAM', () => {
  const pam = ['UsePAM yes', 'KbdInteractiveAuthentication yes', 'PasswordAuthentication no'];
  const password = { credentialsType: 'USER_PASS', password: PERSON.password } as const;

  it('gets the stored password, and the user is not asked', async () => {
    const server = await sshd({ passwordUser: PERSON, config: pam });
    const client = await connect(server, password);
    await opens(client);
    expect(prompts(client)).toEqual([]);
    expect(server.log()).toContain('Accepted keyboard-interactive/pam for machinist');
  });

  it("gets a wrong password only once and refuses it with the contract's message", async () => {
    const server = await sshd({ passwordUser: PERSON, config: pam });
    const client = await connect(server, { ...password, password: 'wrong' });
    await client.closed();
    expect(end(client)).toMatchObject({ code: 'sign-in-refused', text: REFUSED('machinist') });
    expect(error(client)).toHaveProperty('hint', expect.stringContaining('keyboard-interactive'));
    expect(server.log().match(/authentication failure|Failed keyboard/g)?.length).toBeLessThan(3);
    expect(prompts(client)).toEqual([]);
  });

  it('gets the answer to a second question from the user', async () => {
    const twice = 'AuthenticationMethods keyboard-interactive,keyboard-interactive';
    const server = await sshd({ passwordUser: PERSON, config: [...pam, twice] });
    const client = await connect(server, password);
    client.answer([PERSON.password]);
    await opens(client);
    expect(prompts(client)).toMatchObject([
      { title: expect.any(String) as string, prompts: [{ text: 'Password: ', echo: false }] },
    ]);
  });

  it('that gets a wrong second answer is reported to have accepted the stored credential', async () => {
    const twice = 'AuthenticationMethods keyboard-interactive,keyboard-interactive';
    const server = await sshd({ passwordUser: PERSON, config: [...pam, twice] });
    const client = await connect(server, password);
    client.answer(['wrong']);
    await client.closed();
    expect(end(client)).toMatchObject({ code: 'sign-in-refused' });
    expect(end(client)).toHaveProperty(
      'text',
      expect.stringContaining('accepted the stored credential of user "machinist", but not'),
    );
  });

  it('cannot ask a raw client', async () => {
    const twice = 'AuthenticationMethods keyboard-interactive,keyboard-interactive';
    const server = await sshd({ passwordUser: PERSON, config: [...pam, twice] });
    const { id } = await endpoint(server, password);
    const socket = await stack.connectRaw(id);
    const reason = await new Promise<string>(resolve => {
      socket.once('close', (_code, text) => resolve(text.toString()));
    });
    expect(reason).toContain('asks for more than the stored password ("Password:")');
  });

  it('asks the user for a password that is not stored, in addition to the key', async () => {
    const both = 'AuthenticationMethods publickey,keyboard-interactive publickey,password';
    const server = await sshd({ passwordUser: PERSON, config: [...pam, both] });
    const { privateKey } = server;
    const client = await connect(server, { credentialsType: 'KEY_PAIR', privateKey });
    client.answer([PERSON.password]);
    await opens(client);
    expect(prompts(client)).toHaveLength(1);
  });

  it('can use the password method instead, and the user is asked as well', async () => {
    const both = 'AuthenticationMethods publickey,password';
    const server = await sshd({ passwordUser: PERSON, config: [both] });
    const { privateKey } = server;
    const client = await connect(server, { credentialsType: 'KEY_PAIR', privateKey });
    client.answer([PERSON.password]);
    await opens(client);
    expect(prompts(client)).toMatchObject([
      { prompts: [{ text: 'Password of machinist: ', echo: false }] },
    ]);
  });
});

it("a wrong password is tried once and refused with the contract's message", async () => {
  const server = await sshd({ passwordUser: PERSON });
  const client = await connect(server, { credentialsType: 'USER_PASS', password: 'wrong' });
  await client.closed();
  expect(end(client)).toMatchObject({ code: 'sign-in-refused', text: REFUSED('machinist') });
  expect(server.log().match(/Failed password/g)).toHaveLength(1);
});

describe('an old server', () => {
  const OLD = [
    'KexAlgorithms diffie-hellman-group1-sha1,diffie-hellman-group14-sha1',
    'Ciphers 3des-cbc',
    'MACs hmac-sha1',
    'HostKeyAlgorithms ssh-rsa,ssh-dss',
    'PubkeyAcceptedAlgorithms ssh-rsa,ssh-ed25519',
  ];

  it.each([
    ['diffie-hellman-group1-sha1', 'rsa'],
    ['diffie-hellman-group14-sha1', 'dsa'],
  ])(
    'with %s and a host key of type %s is reachable only if weak algorithms are allowed',
    async (kex, type) => {
      const config = [`KexAlgorithms ${kex}`, ...OLD];
      const server = await sshd({ hostKeyTypes: [type], config });
      const { privateKey } = server;
      const change = { credentialsType: 'KEY_PAIR', privateKey } as const;
      await opens(await connect(server, { ...change, legacyAlgorithms: true }));

      const client = await connect(server, change);
      await client.closed();
      expect(end(client)).toMatchObject({ by: 'target', code: 'target-failed' });
      const { text } = end(client) as { text: string };
      expect(text).toContain('supports only outdated algorithms');
      for (const name of [kex, '3des-cbc', 'hmac-sha1']) expect(text).toContain(name);
      expect(error(client)).toHaveProperty(
        'hint',
        expect.stringContaining('allow weak algorithms'),
      );
    },
  );

  it('accepts a DSA user key only if weak algorithms are allowed', async () => {
    const authority = SshAuthority.create();
    const { privateKey, publicKeyFile } = authority.certify({ keyType: 'dsa' });
    const config = ['PubkeyAcceptedAlgorithms ssh-dss', `AuthorizedKeysFile ${publicKeyFile}`];
    const server = await sshd({ config });
    const change = { credentialsType: 'KEY_PAIR', privateKey } as const;
    const client = await connect(server, change);
    await client.closed();
    const words = 'only with weak signatures (ssh-dss)';
    expect(end(client)).toHaveProperty('text', expect.stringContaining(words));
    await opens(await connect(server, { ...change, legacyAlgorithms: true }));
    authority.remove();
  });
});
