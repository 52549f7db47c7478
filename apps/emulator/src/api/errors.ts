import type { ErrorRequestHandler, RequestHandler } from 'express';
import { PlatformRefusal } from '../auth/platform-refusal';
import { refusals } from '../auth/refusals';
import { send } from './mount';

/** What nobody answers is not emulated, and the answer says so. */
export const answerNotEmulated: RequestHandler = (request, response) => {
  send(response, refusals.notEmulated(`${request.method} ${request.path}`));
};

/** Bodies and addresses that cannot be read, and mistakes of our own, in the platform's form. */
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
