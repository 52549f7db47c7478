import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataFile, DataFileError } from './data-file';
import { Store } from './store';

describe('the data file', () => {
  let folder: string;
  let file: DataFile;
  let store: Store;

  beforeEach(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'emulator-data-')), 'new');
    file = new DataFile(folder);
    store = new Store();
    store.addTenant({ name: 't1', lastId: 5 });
  });
  afterEach(() => rm(join(folder, '..'), { recursive: true }));

  it('is empty before the first save', () => {
    expect(file.read()).toBeUndefined();
  });

  it('reports that its folder cannot be created', async () => {
    await file.flush(store);
    expect(() => new DataFile(join(file.path, 'inside'))).toThrow(DataFileError);
  });

  it('returns what was saved, and only its owner can read it', async () => {
    store.tenant('t1')!.options.put({ id: 'a/b', category: 'a', key: 'b', value: 'č' });
    store.tenant('t1')!.hierarchy.add({ parent: '1', kind: 'childDevices', child: '2' });
    await file.flush(store);
    expect(new Store(file.read()).toJSON()).toEqual(store.toJSON());
    expect((await stat(file.path)).mode & 0o777).toBe(0o600);
  });

  it('leaves no other files behind, even after concurrent saves', async () => {
    await Promise.all([file.flush(store), file.flush(store), file.flush(store)]);
    expect(await readdir(folder)).toEqual(['emulator.json']);
  });

  it('keeps the old state if a write fails, and recovers with the next one', async () => {
    await file.flush(store);
    const before = store.toJSON();
    await writeFile(`${file.path}.new`, '{"tenants":[{"na');
    expect(new Store(file.read()).toJSON()).toEqual(before);
    store.addTenant({ name: 't2', lastId: 0 });
    await file.flush(store);
    expect(new Store(file.read()).toJSON()).toEqual(store.toJSON());
    expect(await readdir(folder)).toEqual(['emulator.json']);
  });

  it('saves a burst of changes once', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    try {
      file.follow(store);
      const { options } = store.tenant('t1')!;
      for (const key of ['b', 'c']) options.put({ id: `a/${key}`, category: 'a', key, value: '' });
      expect(jest.getTimerCount()).toBe(1);
      jest.runAllTimers();
      expect(jest.getTimerCount()).toBe(0);
    } finally {
      jest.useRealTimers();
    }
    await file.flush(store);
    expect(JSON.parse(await readFile(file.path, 'utf8')).tenants[0].options).toHaveLength(2);
  });

  it.each(['', '{"tenants":[', '[]', 'null', '{"tenants":[{}]}', '{"tenants":{"t1":{}}}'])(
    'is reported as damaged if it contains %s',
    async text => {
      await writeFile(file.path, text);
      expect(() => file.read()).toThrow(DataFileError);
      expect(() => file.read()).toThrow(/emulator\.json is damaged/);
    },
  );
});
