import { Store, type StoreData } from '../store/store';
import { seed } from './seed';

const RANDOM = /^[a-km-np-z2-9]{5}(?:-[a-km-np-z2-9]{5}){3}$/;

/** The distinct passwords of people, devices and bootstrap users. */
function passwordsIn(store: Store): string[] {
  const accounts = store.listTenants().flatMap(tenant => tenant.accounts.list());
  const seeded = accounts.filter(({ kind }) => kind !== 'service');
  return [...new Set(seeded.map(({ password }) => password))];
}

function restored(store: Store, change: (data: StoreData) => void = () => undefined): Store {
  const data = JSON.parse(JSON.stringify(store)) as StoreData;
  change(data);
  return new Store(data);
}

function seeded(password?: string): Store {
  const store = new Store();
  seed(store, password);
  return store;
}

describe('the password (security)', () => {
  it('is a new random one for each new store, the same for everyone', () => {
    const [first, second] = [seeded(), seeded()];
    expect(first.password).toMatch(RANDOM);
    expect(passwordsIn(first)).toEqual([first.password]);
    expect(second.password).not.toBe(first.password);
  });

  it('can be set', () => {
    const store = seeded('open sesame');
    expect(store.password).toBe('open sesame');
    expect(passwordsIn(store)).toEqual(['open sesame']);
  });

  it('is kept with the data', () => {
    const store = seeded();
    const again = restored(store);
    seed(again);
    expect(again.toJSON()).toEqual(store.toJSON());
  });

  it('that is set replaces the stored one, except where a user has changed it', () => {
    const store = seeded();
    const { accounts } = store.tenant('t1001')!;
    accounts.put({ ...accounts.get('operator')!, password: 'of my own' });
    const again = restored(store);
    seed(again, 'open sesame');
    expect(passwordsIn(again).sort()).toEqual(['of my own', 'open sesame']);
    expect(again.tenant('t1001')!.accounts.get('operator')!.password).toBe('of my own');
    expect(restored(again).password).toBe('open sesame');
  });

  it('that was published is replaced in data of earlier versions, and the change is saved', () => {
    const again = restored(seeded('remote-access'), data => delete data.password);
    let touched = 0;
    again.onTouched(() => (touched += 1));
    seed(again);
    expect(again.password).toMatch(RANDOM);
    expect(passwordsIn(again)).toEqual([again.password]);
    expect(touched).toBeGreaterThan(0);
  });

  it("does not change the service users' own passwords", () => {
    const store = seeded('one');
    const ofService = (from: Store) =>
      from.tenant('t1001')!.accounts.get('service_cloud-remote-access')!.password;
    const again = restored(store);
    seed(again, 'two');
    expect(ofService(again)).toBe(ofService(store));
    expect(ofService(again)).not.toBe('two');
  });
});
