import type { PlatformAnswer, PlatformCalls } from '../../host/platform-calls';
import { Refusal } from '../../ui/refusal';
import { KeyClient } from './key-client';

class Recorder implements PlatformCalls {
  readonly calls: unknown[] = [];
  constructor(private readonly answer: PlatformAnswer) {}

  call(method: string, path: string, body?: object): Promise<PlatformAnswer> {
    this.calls.push([method, path, body]);
    return Promise.resolve(this.answer);
  }

  basicToken(): undefined {
    return undefined;
  }

  xsrfToken(): undefined {
    return undefined;
  }

  webSocketAddress(path: string): string {
    return path;
  }
}

const REFUSED = { status: 422, body: { error: 'remoteaccess/invalid-key', message: 'No key.' } };

describe('KeyClient', () => {
  it('has a key inspected', async () => {
    const platform = new Recorder({ status: 200, body: { keyPair: null } });
    const answer = await new KeyClient(platform).inspect({ publicKey: 'k' });
    expect(answer).toEqual({ keyPair: null });
    expect(platform.calls).toEqual([
      ['POST', '/service/remoteaccess/keypair/inspect', { publicKey: 'k' }],
    ]);
  });

  it('has a pair generated', async () => {
    const platform = new Recorder({ status: 200, body: { publicKey: 'a', privateKey: 'b' } });
    const answer = await new KeyClient(platform).generate({ type: 'RSA', bits: 4096 });
    expect(answer).toEqual({ publicKey: 'a', privateKey: 'b' });
  });

  it('has the host keys of a server fetched through the gateway', async () => {
    const hostKeys = [{ line: 'ssh-ed25519 AAAA', type: 'ssh-ed25519', sha256: 'SHA256:x' }];
    const platform = new Recorder({ status: 200, body: { hostKeys } });
    await expect(
      new KeyClient(platform).fetchHostKeys('1/2', { hostname: 'plc', port: 22 }),
    ).resolves.toEqual(hostKeys);
    expect(platform.calls).toEqual([
      [
        'POST',
        '/service/remoteaccess/devices/1%2F2/host-keys/fetch',
        { hostname: 'plc', port: 22 },
      ],
    ]);
  });

  it.each<[string, (client: KeyClient) => Promise<unknown>]>([
    ['inspecting', client => client.inspect({})],
    ['generating', client => client.generate({})],
    ['fetching', client => client.fetchHostKeys('1', { hostname: 'h', port: 22 })],
  ])('returns the refusal of %s', async (_, ask) => {
    const answer = await ask(new KeyClient(new Recorder(REFUSED)));
    expect(answer).toBeInstanceOf(Refusal);
    expect(answer).toMatchObject({ code: 'invalid-key', message: { text: 'No key.' } });
  });

  it('treats a response without keys as a refusal', async () => {
    const client = new KeyClient(new Recorder({ status: 200, body: {} }));
    await expect(client.fetchHostKeys('1', { hostname: 'h', port: 22 })).resolves.toBeInstanceOf(
      Refusal,
    );
  });
});
