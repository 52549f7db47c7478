import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { WebSocket } from 'ws';
import { logSessionId } from '../logging/correlation';
import { OperationDesk } from '../operations/operation-desk';
import { TenantOptions } from '../tenant-settings/tenant-options';
import { OperationWatch } from '../platform/operation-watch';
import { sessionGrant, type ConnectGrant } from './connect-grant';
import { Session } from './session';
import { SessionJournal } from './session-journal';
import { SessionRegistry } from './session-registry';
import { SessionSupervisor } from './session-supervisor';

/** Makes sessions of admitted clients. */
@Injectable()
export class SessionOpener {
  constructor(
    private readonly registry: SessionRegistry,
    private readonly operations: OperationDesk,
    private readonly watch: OperationWatch,
    private readonly options: TenantOptions,
    private readonly journal: SessionJournal,
    private readonly supervisor: SessionSupervisor,
  ) {}

  open(socket: WebSocket, grant: ConnectGrant): void {
    const connectionKey = randomUUID();
    const { operations, watch, options, journal } = this;
    const withdrawKey = (): void => void this.registry.claim(connectionKey);
    const tools = { operations, watch, options, journal, withdrawKey };
    const session = new Session(socket, sessionGrant(grant), connectionKey, tools);
    logSessionId(session.id);
    this.registry.add(session, connectionKey);
    this.supervisor.add(session);
    session.start(grant);
  }
}
