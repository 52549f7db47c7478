import { randomBytes } from 'node:crypto';
import { isRefusal } from '@remote-access/contracts';
import { FRAGMENTS } from '@remote-access/contracts/platform';
import { HostKey, PinnedHostKeys } from '@remote-access/ssh-keys';
import { EndpointList } from '../endpoints/endpoint-list';
import type { EndpointListWriter } from '../endpoints/endpoint-list-writer';
import type { EntryAuthenticity } from '../endpoints/entry-authenticity';
import type { EntryBuilder } from '../endpoints/entry-builder';
import { HostKeyWriter } from './host-key-writer';

const ENDPOINT = { id: '1', hostname: 'plc.local', port: 22, protocol: 'SSH' } as const;
const PLACE = { deviceId: '1002', endpoint: ENDPOINT };
const CALLER = { tenant: 't1001', userName: 'operator' };

/** A key of a type that nobody computes with. */
function key(bytes = 32): HostKey {
  const type = Buffer.from('ssh-test');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(type.length);
  return HostKey.fromBlob(Buffer.concat([length, type, randomBytes(bytes)]))!;
}
const keys = (count: number, bytes?: number): HostKey[] =>
  Array.from({ length: count }, () => key(bytes));

/** The endpoint's keys, which the writer changes. */
let stored: string;
let writer: HostKeyWriter;

beforeEach(() => {
  stored = '';
  const lists = {
    change: async (_caller: unknown, _device: unknown, change: (list: EndpointList) => unknown) => {
      const entry = { ...ENDPOINT, name: 'Plc', credentials: { hostKey: stored } };
      const list = EndpointList.of({ id: '1002', [FRAGMENTS.list]: [entry] });
      const changed = await change(list);
      return isRefusal(changed) ? changed : (changed as { result: unknown }).result;
    },
  };
  const checker = { refusalOf: () => undefined, ownerOf: () => ({}) };
  const builder = {
    renew: ({ entry }: { entry: unknown }, { hostKey }: { hostKey: string }) => {
      stored = hostKey;
      return Promise.resolve({ entry });
    },
  };
  writer = new HostKeyWriter(
    lists as unknown as EndpointListWriter,
    { checkerOf: () => Promise.resolve(checker) } as unknown as EntryAuthenticity,
    builder as unknown as EntryBuilder,
  );
});

const store = (pinned: readonly HostKey[], revoked: readonly HostKey[]): void => {
  const marked = revoked.map(({ line }) => `@revoked ${line}`);
  stored = [...pinned.map(({ line }) => line), ...marked].join('\n');
};

describe('a key that is pinned first', () => {
  it('is stored beside 16 revoked ones, which remain', async () => {
    const [first, revoked] = [key(), keys(16)];
    store([], revoked);
    expect(await writer.pinFirst(PLACE, CALLER, first, 'now')).toBe('saved');
    const now = PinnedHostKeys.parse(stored);
    expect(now.all).toEqual([first]);
    expect(now.revoked).toEqual(revoked);
  });

  it('is not stored if it is revoked', async () => {
    const revoked = keys(16);
    store([], revoked);
    expect(await writer.pinFirst(PLACE, CALLER, revoked[15]!, 'now')).toBe('differs');
    expect(PinnedHostKeys.parse(stored).all).toEqual([]);
  });

  it('is refused if the endpoint could not be read with it any more (security)', async () => {
    store([], keys(1, 48_000));
    const before = stored;
    const refused = await writer.pinFirst(PLACE, CALLER, key(2_000), 'now');
    expect(refused).toMatchObject({ code: 'invalid-endpoint' });
    expect(stored).toBe(before);
  });
});

describe('the keys that a server proves to hold', () => {
  it('replace the pinned ones, 16 at most, and no revoked one is among them', async () => {
    const [used, revoked] = [key(), keys(16)];
    store([used], revoked);
    const proved = [...revoked, used, ...keys(40)];
    expect(await writer.rotate(PLACE, CALLER, used, proved)).toBe(true);
    const now = PinnedHostKeys.parse(stored);
    expect(now.all).toEqual(proved.slice(16, 32));
    expect(now.revoked).toEqual(revoked);
  });

  it('change nothing if the key in use is not among the first 16', async () => {
    const used = key();
    store([used], []);
    const before = stored;
    expect(await writer.rotate(PLACE, CALLER, used, [...keys(16), used])).toBe(false);
    expect(stored).toBe(before);
  });

  it('change nothing if the endpoint could not be read with them any more (security)', async () => {
    const used = key();
    store([used], keys(1, 30_000));
    const before = stored;
    const refused = await writer.rotate(PLACE, CALLER, used, [used, ...keys(15, 2_000)]);
    expect(refused).toMatchObject({ code: 'invalid-endpoint' });
    expect(stored).toBe(before);
  });
});
