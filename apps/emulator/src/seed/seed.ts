import type { Store } from '../store/store';
import { seedApplications } from './applications';
import { FIRST_TENANT_DEVICES, SECOND_TENANT_DEVICES, seedDevice } from './devices';
import {
  bootstrapUser,
  deviceBootstrapUser,
  subscribeMicroservice,
  updateMicroservice,
} from './microservice';
import { administrator, changePassword, platformOperator, randomPassword, staff } from './people';

/** Generated ids start here, so that they do not collide with the seed's. */
const FIRST_FREE_ID = { t1001: 10_000, t1002: 20_000 };

/**
 * Adds the tenants that the store does not have yet.
 *
 * @param password of every person, device and bootstrap user; defaults to that of the last start,
 *   or a
 *   new random one
 * @param bare whether remote access is left out, to be deployed later
 */
export function seed(
  store: Store,
  password = store.password ?? randomPassword(),
  bare = false,
): void {
  if (store.password !== password) changePassword(store, password);
  seedApplications(store, bare);
  if (!store.tenant('management')) {
    const accounts = [
      { ...platformOperator, password },
      ...(bare ? [] : [{ ...bootstrapUser, password }]),
    ];
    store.addTenant({ name: 'management', accounts });
  }
  const management = store.tenant('management')!.accounts;
  if (!management.get(deviceBootstrapUser.id)) management.put({ ...deviceBootstrapUser, password });
  for (const [name, accounts, devices] of [
    ['t1001', [administrator, ...staff], FIRST_TENANT_DEVICES],
    ['t1002', [administrator], SECOND_TENANT_DEVICES],
  ] as const) {
    const known = store.tenant(name);
    if (known) {
      updateMicroservice(known);
      continue;
    }
    const tenant = store.addTenant({
      name,
      lastId: FIRST_FREE_ID[name],
      accounts: accounts.map(account => ({ ...structuredClone(account), password })),
    });
    for (const device of devices) seedDevice(tenant, device, password, store.now());
    if (!bare) subscribeMicroservice(tenant);
  }
}
