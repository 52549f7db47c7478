import { createRequire } from 'node:module';
import { Global, Module } from '@nestjs/common';
import { Log } from '../logging/log';
import { MemoryBudget } from '../memory/memory-budget';
import { Metrics } from '../metrics/metrics';
import { type Settings, SETTINGS } from '../settings/settings';
import { type Cluster, CLUSTER, SINGLE_REPLICA } from './cluster';

type ReplicaModule = typeof import('./replica-cluster');

/** Loads the code for several replicas, and the NATS client, only if a broker is configured. */
async function startCluster(
  settings: Settings,
  log: Log,
  metrics: Metrics,
  memory: MemoryBudget,
): Promise<Cluster> {
  const { cluster, bootstrap: account } = settings;
  if (!cluster) return SINGLE_REPLICA;
  const { ReplicaCluster } = createRequire(__filename)('./replica-cluster') as ReplicaModule;
  return ReplicaCluster.start({ settings: cluster, account, log, metrics, memory });
}

@Global()
@Module({
  providers: [
    {
      provide: CLUSTER,
      useFactory: startCluster,
      inject: [SETTINGS, Log, Metrics, MemoryBudget],
    },
  ],
  exports: [CLUSTER],
})
export class ClusterModule {}
