import { isRefusal } from '@remote-access/contracts';
import type { ManagedObject } from '@remote-access/contracts/platform';
import type { AuditTrail } from '../audit/audit-trail';
import type { Cluster, Lease } from '../cluster/cluster';
import type { Cumulocity } from '../platform/cumulocity';
import type { EndpointList } from './endpoint-list';
import { EndpointListWriter } from './endpoint-list-writer';

const CALLER = { tenant: 't1', userName: 'engineer' };

let stored: ManagedObject;
let writes: number;
/** What another replica does after our read and before our write. */
let beforeWrite: () => void;
let afterWrite: () => void;
let lease: { isHeld: boolean };
let writer: EndpointListWriter;

beforeEach(() => {
  stored = { id: '7', list: [] };
  [writes, lease] = [0, { isHeld: true }];
  beforeWrite = afterWrite = () => undefined;
  const platform = {
    managedObject: () => Promise.resolve(structuredClone(stored)),
    updateManagedObject: (_id: string, fragments: object) => {
      writes += 1;
      stored = { ...stored, ...structuredClone(fragments) };
      afterWrite();
      return Promise.resolve();
    },
  };
  const cluster = {
    isOn: true,
    withLease: (_name: string, work: (held: Lease) => Promise<unknown>) => work(lease),
  };
  writer = new EndpointListWriter(
    { asService: () => platform } as unknown as Cumulocity,
    { record: () => Promise.resolve(true) } as unknown as AuditTrail,
    cluster as unknown as Cluster,
  );
});

const names = (): unknown => stored['list'];

/** Adds a name to what was read. */
const add = (name: string) =>
  writer.change(CALLER, '7', () => {
    const before = structuredClone(stored['list']) as string[];
    beforeWrite();
    const list = { fragments: () => ({ list: [...before, name] }) };
    return { list: list as unknown as EndpointList, records: [], result: name };
  });

describe('with several replicas', () => {
  it('a write that another replica has overwritten is repeated on the current list', async () => {
    afterWrite = () => {
      afterWrite = () => undefined;
      stored = { ...stored, list: ['theirs'], c8y_RemoteAccessListRevision: { id: 'theirs' } };
    };
    expect(await add('ours')).toBe('ours');
    expect(names()).toEqual(['theirs', 'ours']);
  });

  it('a write on which another replica has already built is not repeated', async () => {
    afterWrite = () => {
      const { id: previous } = stored['c8y_RemoteAccessListRevision'] as { id: string };
      const list = [...(stored['list'] as string[]), 'theirs'];
      stored = { ...stored, list, c8y_RemoteAccessListRevision: { id: 'theirs', previous } };
    };
    await add('ours');
    expect(names()).toEqual(['ours', 'theirs']);
    expect(writes).toBe(1);
  });

  it('a replica that was suspended and has lost its lease writes nothing', async () => {
    beforeWrite = () => (lease.isHeld = false);
    const answer = await add('ours');
    expect(isRefusal(answer) && answer.code).toBe('cluster-unavailable');
    expect(writes).toBe(0);
  });

  it('a replica that is suspended after its last check overwrites: the remaining window', async () => {
    // Between checking the lease and the platform's write nothing can be verified.
    beforeWrite = () => (stored = { ...stored, list: ['theirs'] });
    await add('ours');
    expect(names()).toEqual(['ours']);
  });
});
