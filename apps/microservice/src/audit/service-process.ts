import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { type Cluster, CLUSTER } from '../cluster/cluster';

/** Identifies this process among all that serve, or have served, the same tenants. */
@Injectable()
export class ServiceProcess {
  /** New on each start; identical to the replica's id. */
  readonly id: string;

  constructor(@Inject(CLUSTER) private readonly cluster: Cluster) {
    this.id = cluster.id ?? randomUUID();
    cluster.answer('is-owner', ({ owner }) => owner === this.id);
  }

  /**
   * Whether the process that a session belongs to is still running: this one or another replica.
   * @param owner the id of the process; `undefined` for sessions of older versions
   */
  async isAlive(owner: string | undefined): Promise<boolean> {
    if (owner === undefined || owner === this.id) return owner !== undefined;
    return (await this.cluster.askAll('is-owner', { owner })).includes(true);
  }
}
