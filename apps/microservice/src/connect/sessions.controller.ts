import { Controller, Delete, Get, HttpCode, Param, Req } from '@nestjs/common';
import { orThrow, RemoteAccessError, type RunningSession } from '@remote-access/contracts';
import type { Request } from 'express';
import { AccessPolicy } from '../access/access-policy';
import type { Caller } from '../access/caller';
import { ApiRoute } from '../api-description/api-route';
import { schemaRef } from '../api-description/schemas';
import { RUNNING_SESSION_EXAMPLE } from '../api-description/session-schemas';
import { AuditTrail } from '../audit/audit-trail';
import { CallerCredentials } from '../platform/caller-credentials';
import type { Session } from '../sessions/session';
import { endedBy } from '../sessions/session-end';
import { SessionRegistry } from '../sessions/session-registry';

const DETAILS =
  "Users who may configure the device's endpoints have access to all sessions, others to their own.";

/** Lists and ends the sessions that run on a gateway. */
@Controller('devices/:deviceId/sessions')
export class SessionsController {
  constructor(
    private readonly access: AccessPolicy,
    private readonly registry: SessionRegistry,
    private readonly audit: AuditTrail,
  ) {}

  @Get()
  @ApiRoute({
    summary: 'Lists the running sessions of a gateway',
    details: DETAILS,
    answers: [
      {
        status: 200,
        text: 'The sessions, the oldest first.',
        schema: { type: 'array', items: schemaRef('RunningSession') },
        example: [RUNNING_SESSION_EXAMPLE],
      },
    ],
    refusals: ['forbidden', 'device-not-found'],
  })
  async list(
    @Req() request: Request,
    @Param('deviceId') deviceId: string,
  ): Promise<RunningSession[]> {
    const { sessions } = await this.visible(request, deviceId);
    return sessions.map(session => session.description);
  }

  @Delete(':sessionId')
  @HttpCode(204)
  @ApiRoute({
    summary: 'Ends a running session',
    details: `${DETAILS} The client and the audit log are told who ended it.`,
    answers: [{ status: 204, text: 'The session ends.' }],
    refusals: ['forbidden', 'device-not-found', 'session-not-found'],
  })
  async end(
    @Req() request: Request,
    @Param('deviceId') deviceId: string,
    @Param('sessionId') sessionId: string,
  ): Promise<void> {
    const { caller, sessions } = await this.visible(request, deviceId);
    const session = sessions.find(one => one.id === sessionId);
    // The same answer whether it is somebody else's or does not exist, so that it reveals nothing.
    if (!session) throw new RemoteAccessError('session-not-found');
    const { userName } = caller;
    const owner = session.subject.caller.userName;
    session.end(endedBy('service', 'session-terminated', `"${userName}" ended the session.`));
    const text = `Session of "${owner}" on endpoint "${session.subject.endpoint.name}" ended`;
    await this.audit.record(caller.tenant, {
      type: 'Inventory',
      sourceId: deviceId,
      activity: 'Remote access session terminated',
      text,
      user: userName,
    });
  }

  private async visible(
    request: Request,
    deviceId: string,
  ): Promise<{ caller: Caller; sessions: Session[] }> {
    const credentials = CallerCredentials.from(request);
    const { caller } = orThrow(await this.access.authorize(credentials, deviceId, 'read'));
    const hasAll = this.access.mayConfigure(caller, deviceId) === undefined;
    const sessions = this.registry
      .of(caller.tenant, deviceId)
      .filter(({ subject }) => hasAll || subject.caller.userName === caller.userName);
    return { caller, sessions };
  }
}
