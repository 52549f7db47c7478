import type { Refusal } from '@remote-access/contracts';
import type { Cluster } from '../cluster/cluster';
import type { SessionParties, SessionRegistry } from './session-registry';

/** The quotas of users and gateways, over all replicas. */
export class SessionQuotas {
  constructor(
    private readonly cluster: Cluster,
    private readonly registry: SessionRegistry,
  ) {
    cluster.answer('count', ({ tenant, userName, deviceId }) =>
      registry.count({ caller: { tenant, userName }, gateway: { id: deviceId } }),
    );
  }

  /**
   * @param counted how many of the counted sessions belong to the claim itself
   * @returns `too-many-requests`; a replica that does not answer counts as empty
   */
  async refusal(parties: SessionParties, counted = 0): Promise<Refusal | undefined> {
    const { caller, gateway } = parties;
    const { tenant, userName } = caller;
    const counts = await this.cluster.askAll('count', { tenant, userName, deviceId: gateway.id });
    const elsewhere = { ofUser: -counted, onDevice: -counted };
    for (const { ofUser, onDevice } of counts) {
      elsewhere.ofUser += ofUser;
      elsewhere.onDevice += onDevice;
    }
    return this.registry.quotaRefusal(parties, elsewhere);
  }

  /**
   * The same for a session that is already counted. Sessions that were admitted on two replicas at
   * the same moment see each other now.
   */
  async refusalOfCounted(parties: SessionParties): Promise<Refusal | undefined> {
    if (!this.cluster.isOn) return undefined;
    return this.refusal(parties, 1);
  }
}
