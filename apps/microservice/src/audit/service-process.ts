import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';

/** This process among all that serve, or have served, the same tenants. */
@Injectable()
export class ServiceProcess {
  /** New with each start. */
  readonly id = randomUUID();

  /**
   * Whether the process still runs that a session belongs to.
   * @param owner the id of the process; `undefined` for sessions of older versions
   */
  isAlive(owner: string | undefined): Promise<boolean> {
    return Promise.resolve(owner === this.id);
  }
}
