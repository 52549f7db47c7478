import { Controller, Delete, Get, HttpCode, Param, Req, Res } from '@nestjs/common';
import { orThrow, RemoteAccessError } from '@remote-access/contracts';
import type { Request, Response } from 'express';
import { ApiRoute } from '../api-description/api-route';
import { RUNNING_SESSION_EXAMPLE } from '../api-description/session-schemas';
import { schemaRef } from '../api-description/schemas';
import { RequestBodies } from '../http/request-body';
import { CallerCredentials } from '../platform/caller-credentials';
import { readReason, SessionOverview, type VisibleSessions } from './session-overview';
import { type AskAgain, SessionStreams } from './session-streams';

const DETAILS =
  "Users who may configure the device's endpoints have access to all sessions, others to their own.";

const STREAMED =
  'With `Accept: application/x-ndjson` the answer goes on for up to five minutes: a line of JSON ' +
  'with the whole list at first, whenever it has changed, and every 15 seconds.';

const BODY = {
  schema: schemaRef('TerminateBody'),
  example: { reason: 'Maintenance begins.' },
  required: false,
};

const LIST = {
  status: 200,
  text: 'The sessions, the oldest first.',
  schema: { type: 'array', items: schemaRef('RunningSession') },
  example: [RUNNING_SESSION_EXAMPLE],
};

/** Lists and ends the running sessions on a gateway. */
@Controller('devices/:deviceId/sessions')
export class SessionsController {
  constructor(
    private readonly overview: SessionOverview,
    private readonly streams: SessionStreams,
    private readonly bodies: RequestBodies,
  ) {}

  @Get()
  @ApiRoute({
    summary: 'Lists the running sessions of a gateway',
    details: `${DETAILS} ${STREAMED}`,
    answers: [{ ...LIST, texts: ['application/x-ndjson'] }],
    refusals: ['forbidden', 'device-not-found', 'too-many-requests'],
  })
  async list(
    @Req() request: Request,
    @Param('deviceId') deviceId: string,
    @Res() response: Response,
  ): Promise<void> {
    const credentials = CallerCredentials.from(request);
    const ask = (): ReturnType<SessionOverview['ofDevice']> =>
      this.overview.ofDevice(credentials, deviceId);
    answer(this.streams, request, response, orThrow(await ask()), ask);
  }

  @Delete(':sessionId')
  @HttpCode(204)
  @ApiRoute({
    summary: 'Ends a running session',
    details: `${DETAILS} The client and the audit log are told who ended it, and why.`,
    body: BODY,
    answers: [{ status: 204, text: 'The session ends.' }],
    refusals: ['forbidden', 'device-not-found', 'session-not-found', 'malformed-request'],
  })
  async end(
    @Req() request: Request,
    @Param('deviceId') deviceId: string,
    @Param('sessionId') sessionId: string,
  ): Promise<void> {
    const credentials = CallerCredentials.from(request);
    const visible = orThrow(await this.overview.ofDevice(credentials, deviceId));
    await endOne(this.overview, this.bodies, request, visible, sessionId);
  }
}

/** Lists and ends running sessions across all gateways. */
@Controller('sessions')
export class AllSessionsController {
  constructor(
    private readonly overview: SessionOverview,
    private readonly streams: SessionStreams,
    private readonly bodies: RequestBodies,
  ) {}

  @Get()
  @ApiRoute({
    summary: 'Lists running sessions over all gateways',
    details:
      "The caller's own, and those of all devices that the caller may see and configure. " +
      STREAMED,
    answers: [{ ...LIST, texts: ['application/x-ndjson'] }],
    refusals: ['forbidden', 'too-many-requests'],
  })
  async list(@Req() request: Request, @Res() response: Response): Promise<void> {
    const credentials = CallerCredentials.from(request);
    const ask = (): ReturnType<SessionOverview['everywhere']> =>
      this.overview.everywhere(credentials);
    answer(this.streams, request, response, orThrow(await ask()), ask);
  }

  @Delete(':sessionId')
  @HttpCode(204)
  @ApiRoute({
    summary: 'Ends a running session of any gateway',
    details:
      'One of those that GET lists. The client and the audit log are told who ended it, and why.',
    body: BODY,
    answers: [{ status: 204, text: 'The session ends.' }],
    refusals: ['forbidden', 'session-not-found', 'malformed-request'],
  })
  async end(@Req() request: Request, @Param('sessionId') sessionId: string): Promise<void> {
    const credentials = CallerCredentials.from(request);
    const visible = orThrow(await this.overview.everywhere(credentials));
    await endOne(this.overview, this.bodies, request, visible, sessionId);
  }
}

/** Answers once, or as a stream. The service evaluates no query parameters. */
function answer(
  streams: SessionStreams,
  { headers }: Request,
  response: Response,
  visible: VisibleSessions,
  askAgain: AskAgain,
): void {
  const wantsStream = headers.accept?.includes('application/x-ndjson') ?? false;
  if (wantsStream) orThrow(streams.open(response, visible, askAgain));
  else response.json(visible.sessions);
}

async function endOne(
  overview: SessionOverview,
  bodies: RequestBodies,
  request: Request,
  visible: VisibleSessions,
  sessionId: string,
): Promise<void> {
  const session = visible.sessions.find(one => one.id === sessionId);
  // The same answer whether the session is somebody else's or does not exist, so that it reveals
  // nothing.
  if (!session) throw new RemoteAccessError('session-not-found');
  const reason = orThrow(readReason(await bodies.read(request, visible.caller)));
  await overview.end(session, visible.caller, reason);
}
