import express, { type Request, type Response, type Router } from 'express';
import { PlatformRefusal, refusals } from '../auth/platform-refusal';
import type { Sentinels } from './sentinels';
import type { Call, JsonObject, Outcome, Platform, PublicCall, Route } from './call';
import type { ErrorRequestHandler, RequestHandler } from 'express';

/** The platform's own limit is higher; nothing that remote access stores comes near this one. */
const BODY_LIMIT = '1mb';

/** Requests with this header come from an application rather than from the device itself. */
const APPLICATION_KEY = 'x-cumulocity-application-key';

/** Serves routes: authenticates, checks roles, parses the body, calls the handler and responds. */
export function mountRoutes(
  platform: Platform,
  routes: readonly Route[],
  sentinels: Sentinels,
): Router {
  const router = express.Router({ caseSensitive: true });
  const parsers = [
    express.json({ limit: BODY_LIMIT, type: ['json', '+json'], strict: false }),
    express.urlencoded({ limit: BODY_LIMIT, extended: false }),
  ];

  for (const route of routes) {
    const method = route.method.toLowerCase() as 'get' | 'post' | 'put' | 'delete';
    router[method](
      route.path,
      (request, response, next) => {
        const admitted = admit(platform, route, request);
        if (admitted instanceof PlatformRefusal) return send(response, admitted);
        response.locals['caller'] = admitted;
        next();
      },
      ...parsers,
      async (request: Request, response: Response) => {
        const body: unknown = request.body ?? {};
        if (typeof body !== 'object' || body === null || Array.isArray(body)) {
          return send(response, refusals.badRequest('The body must be a JSON object'));
        }
        const publicCall: PublicCall = {
          platform,
          request,
          origin: `${request.protocol}://${request.headers.host ?? 'localhost'}`,
          path: request.path,
          params: request.params as Record<string, string>,
          query: new URLSearchParams(request.url.split('?')[1]),
          body: body as JsonObject,
        };
        if (route.open) return send(response, await route.handle(publicCall));
        const caller = response.locals['caller'] as Call['caller'];
        const tenant = platform.store.tenant(caller.tenant)!;
        const call: Call = { ...publicCall, caller, user: caller.user, tenant };
        if (await sentinels.failByName(call, response)) return;
        send(response, await route.handle(call));
        const isOfService = request.headers[APPLICATION_KEY] !== undefined;
        const isMessage = request.method !== 'GET' && response.statusCode < 400;
        if (call.user.isDevice && isMessage && !isOfService) {
          platform.store.presence.heardOf(tenant, call.user.id);
        }
      },
    );
  }
  return router;
}

function admit(
  platform: Platform,
  route: Route,
  request: Request,
): Call['caller'] | PlatformRefusal | undefined {
  if (route.open) return undefined;
  const caller = platform.authentication.authenticate(request);
  if (caller instanceof PlatformRefusal) return caller;
  const { documentedRoles } = route;
  const roles = platform.strictRoles && documentedRoles ? documentedRoles : route.roles;
  if (roles && !roles.some(role => caller.user.effectiveRoles.has(role)))
    return refusals.forbidden();
  return caller;
}

/** Writes a response or a refusal. */
export function send(response: Response, outcome: Outcome): void {
  if (response.headersSent || response.destroyed) return;
  response.status(outcome.status);
  for (const [name, value] of Object.entries(outcome.headers ?? {}))
    response.setHeader(name, value);
  response.setHeader('Cache-Control', 'no-store');
  if (outcome.body === undefined) response.end();
  else response.json(outcome.body);
}

/** Answers every request that no route matches. */
export const answerNotEmulated: RequestHandler = (request, response) => {
  send(response, refusals.notEmulated(`${request.method} ${request.path}`));
};

/** Answers malformed bodies and URLs, and the emulator's own errors, in the platform's format. */
export const answerErrors: ErrorRequestHandler = (cause: unknown, _request, response, _next) => {
  send(response, refusalFor(cause));
};

function refusalFor(cause: unknown): PlatformRefusal {
  const { type, status } = cause as { type?: string; status?: number };
  if (type === 'entity.parse.failed') return refusals.badRequest('The body is not valid JSON');
  if (type === 'entity.too.large') return refusals.tooLarge();
  if (status !== undefined && status >= 400 && status < 500) {
    return new PlatformRefusal(status, 'general/badRequest', 'The request cannot be read');
  }
  process.stderr.write(`${cause instanceof Error ? cause.stack : String(cause)}\n`);
  return new PlatformRefusal(500, 'general/internalError', 'Internal error of the emulator');
}
