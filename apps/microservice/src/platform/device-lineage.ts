import type { DeviceId } from '@remote-access/contracts';
import type { ManagedObject } from '@remote-access/contracts/platform';
import type { PlatformClient } from './platform-client';

/** Lists of a managed object's parents: groups and other assets, and devices. */
type Relation = 'assetParents' | 'deviceParents';

/** An object above a device, or the device itself; `object` is `undefined` if it does not exist. */
export interface Ancestor {
  readonly id: DeviceId;
  readonly object: ManagedObject | undefined;
}

/**
 * Walks from a device up to its parents, nearest first, each object once.
 *
 * @param platform reads each object just before it is yielded
 * @param relations which parents are followed
 * @param max the maximum number of objects that are read
 */
export async function* lineageOf(
  platform: Pick<PlatformClient, 'managedObjectWithParents'>,
  device: DeviceId,
  relations: readonly Relation[],
  max: number,
): AsyncGenerator<Ancestor> {
  const ids = new Set([device]);
  // Iterating a Set also visits elements that are added during the loop.
  for (const id of ids) {
    const object = await platform.managedObjectWithParents(id);
    yield { id, object };
    for (const relation of relations) {
      for (const { managedObject } of object?.[relation]?.references ?? []) {
        if (ids.size < max) ids.add(managedObject.id);
      }
    }
  }
}
