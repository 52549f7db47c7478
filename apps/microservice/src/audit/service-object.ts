import { Injectable } from '@nestjs/common';
import type { TenantId } from '@remote-access/contracts';
import { FRAGMENTS } from '@remote-access/contracts/platform';
import { Cumulocity } from '../platform/cumulocity';

/**
 * A managed object in each tenant that represents the service. Every audit record needs an object
 * as its source, and settings have none.
 */
@Injectable()
export class ServiceObject {
  private readonly ids = new Map<TenantId, Promise<string>>();

  constructor(private readonly cumulocity: Cumulocity) {}

  /** Creates the object if it does not exist. @throws RemoteAccessError if the platform fails */
  idIn(tenant: TenantId): Promise<string> {
    const known = this.ids.get(tenant);
    if (known) return known;
    const id = this.findOrCreate(tenant);
    this.ids.set(tenant, id);
    // A failure is not cached.
    id.catch(() => this.ids.delete(tenant));
    return id;
  }

  private async findOrCreate(tenant: TenantId): Promise<string> {
    const platform = this.cumulocity.asService(tenant);
    const [found] = await platform.managedObjectsWith(FRAGMENTS.service, 1, 1);
    if (found) return found.id;
    return platform.createManagedObject({
      name: 'Cloud Remote Access',
      type: FRAGMENTS.service,
      [FRAGMENTS.service]: {},
    });
  }
}
