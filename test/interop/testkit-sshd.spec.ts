import { Client, type ConnectConfig } from 'ssh2';
import { startSshd, type Sshd } from '@remote-access/testkit';

describe('startSshd', () => {
  let sshd: Sshd | undefined;
  afterEach(() => sshd?.stop());

  it('signs its user in with the key and runs commands', async () => {
    sshd = await startSshd({ hostKeyTypes: ['ed25519', 'ecdsa'] });
    const { port, userName: username, privateKey } = sshd;
    expect(await run({ port, username, privateKey }, 'echo hello')).toBe('hello\n');
    expect(sshd.hostKeys.map(line => line.split(' ')[0])).toEqual([
      'ssh-ed25519',
      'ecdsa-sha2-nistp256',
    ]);
  });

  it('does not load the profile of the user who runs the tests', async () => {
    sshd = await startSshd();
    const { port, userName: username, privateKey } = sshd;
    expect(await run({ port, username, privateKey }, 'ls -A "$HOME"; echo .')).toBe('.\n');
  });

  it('signs its own user in with the right password only', async () => {
    sshd = await startSshd({ passwordUser: { name: 'machinist', password: 'pässword' } });
    const signIn = { port: sshd.port, username: 'machinist' };
    expect(await run({ ...signIn, password: 'pässword' }, 'id -un')).toBe('machinist\n');
    await expect(run({ ...signIn, password: 'wrong' }, 'id')).rejects.toThrow(/authentication/);
    expect(sshd.log()).toContain('Failed password for machinist');
  });
});

function run(config: ConnectConfig, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const client = new Client();
    client.on('error', reject);
    client.on('ready', () =>
      client.exec(command, (error, channel) => {
        if (error) return reject(error);
        let output = '';
        channel.on('data', (chunk: Buffer) => (output += chunk.toString()));
        return channel.on('close', () => {
          client.end();
          resolve(output);
        });
      }),
    );
    client.connect({ host: '127.0.0.1', ...config });
  });
}
