import { Global, Inject, Module, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { type Cluster, CLUSTER } from '../cluster/cluster';
import { AuditTrail } from '../audit/audit-trail';
import { ServiceProcess } from '../audit/interrupted-sessions';
import { Log } from '../logging/log';
import { MemoryBudget } from '../memory/memory-budget';
import { Metrics } from '../metrics/metrics';
import { SessionJournal } from '../sessions/session-journal';
import { SessionQuotas, MAX_SESSIONS, SessionRegistry } from '../sessions/session-registry';
import { SETTINGS, type Settings } from '../settings/settings';
import { AccessReview } from './access-review';
import { ClientGateway, UpgradeOnlyController } from './client.gateway';
import { ConnectPolicy } from './connect-policy';
import { EarlyCalls } from './early-calls';
import { ResumeGateway } from './resume.gateway';
import { SessionResumes } from './session-resumes';
import { SessionReviews } from './session-reviews';
import { SessionStarter } from './session-starter';
import { SessionWatches } from './session-watches';
import { WatchReviews } from './watch-reviews';
import { SessionOverview } from './session-overview';
import { SessionStreams } from './session-streams';
import { AllSessionsController, SessionsController } from './sessions.controller';
import { TicketIssuer } from './ticket-issuer';
import { Tickets } from './tickets';
import { TicketsController } from './tickets.controller';

@Global()
@Module({
  controllers: [
    AllSessionsController,
    SessionsController,
    TicketsController,
    UpgradeOnlyController,
  ],
  providers: [
    AccessReview,
    ClientGateway,
    ConnectPolicy,
    EarlyCalls,
    SessionOverview,
    ResumeGateway,
    SessionResumes,
    SessionStreams,
    SessionReviews,
    SessionStarter,
    SessionWatches,
    TicketIssuer,
    Tickets,
    WatchReviews,
    {
      provide: SessionRegistry,
      useFactory: ({ sessionQuotas }: Settings) => new SessionRegistry(sessionQuotas),
      inject: [SETTINGS],
    },
    {
      provide: SessionQuotas,
      useFactory: (cluster: Cluster, registry: SessionRegistry) =>
        new SessionQuotas(cluster, registry),
      inject: [CLUSTER, SessionRegistry],
    },
    {
      provide: SessionJournal,
      useFactory: (audit: AuditTrail, log: Log, { id }: ServiceProcess) =>
        new SessionJournal(audit, log, id),
      inject: [AuditTrail, Log, ServiceProcess],
    },
  ],
  exports: [SessionQuotas, SessionRegistry],
})
export class ConnectModule implements OnModuleInit, OnModuleDestroy {
  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly registry: SessionRegistry,
    private readonly memory: MemoryBudget,
    private readonly metrics: Metrics,
  ) {}

  onModuleInit(): void {
    const { memory, registry } = this;
    this.metrics.watchSessions(() => registry.all());
    this.metrics.watchLimits(() => ({
      memoryUsedBytes: memory.usedBytes,
      memoryLimitBytes: memory.limitBytes,
      waitingForMemory: memory.waitingCount,
      maxSessions: MAX_SESSIONS,
      ...this.settings.sessionQuotas,
    }));
  }

  onModuleDestroy(): Promise<void> {
    return this.registry.stop();
  }
}
