import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { RemoteAccessError, type ErrorCode } from '@remote-access/contracts';
import type { Request, Response } from 'express';
import { correlationId } from '../logging/correlation';
import { Log } from '../logging/log';
import type { Metrics } from '../metrics/metrics';
import { answerWithoutReading, isBodyUnread } from './request-body';

/** Error codes for the HTTP statuses that Nest and the body parser throw. */
const CODE_OF_STATUS: Readonly<Partial<Record<number, ErrorCode>>> = {
  400: 'malformed-request',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not-found',
  405: 'method-not-allowed',
  413: 'payload-too-large',
  415: 'unsupported-media-type',
};

/** Failures of the gateway or target, which are not failures of the service. */
const FAR_END = /^(gateway|target)-/;

/**
 * Answers every failed request with the same form of error body. Unexpected errors are only logged.
 */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(
    private readonly log: Log,
    private readonly metrics: Metrics,
  ) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<Request>();
    const response = http.getResponse<Response>();
    const error = this.known(thrown);
    this.metrics.refused('http', error.code);
    if (response.headersSent) {
      response.destroy();
      return;
    }
    response.status(error.entry.httpStatus);
    if (isBodyUnread(request)) answerWithoutReading(request, response, errorBody(error));
    else response.json(errorBody(error));
  }

  private known(thrown: unknown): RemoteAccessError {
    const error = asRemoteAccessError(thrown);
    if (FAR_END.test(error.code)) {
      this.log.info('A gateway or target failed', { code: error.code, reason: error.message });
    } else if (error.entry.httpStatus >= 500) {
      this.log.error('A request failed', { code: error.code, cause: error });
    }
    return error;
  }
}

/** `{"error":"remoteaccess/<code>","message":"<for the user>","info":"<for operators>"}` */
export function errorBody({
  code,
  message,
  entry,
  hint,
}: RemoteAccessError): Record<string, string> {
  const id = correlationId();
  const where = entry.httpStatus >= 500 && id ? ` Correlation id: ${id}` : '';
  return { error: `remoteaccess/${code}`, message, info: `${hint}${where}` };
}

function asRemoteAccessError(thrown: unknown): RemoteAccessError {
  if (thrown instanceof RemoteAccessError) return thrown;
  const code = CODE_OF_STATUS[statusOf(thrown) ?? 500] ?? 'internal';
  return new RemoteAccessError(code, { cause: thrown });
}

/**
 * Nest's exceptions have a method for the status; those of Express and its body parser have a
 * property.
 */
function statusOf(thrown: unknown): number | undefined {
  if (thrown instanceof HttpException) return thrown.getStatus();
  if (!(thrown instanceof Error) || !('status' in thrown)) return undefined;
  return typeof thrown.status === 'number' ? thrown.status : undefined;
}
