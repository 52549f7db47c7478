import { RemoteAccessError } from '@remote-access/contracts';
import type { CallerCredentials } from './caller-credentials';

/** Short enough for the deadline of a WebSocket handshake, which sends two requests in a row. */
const CALL_TIMEOUT_MS = 5_000;

/** The platform's error messages are cut to this length before they are passed on. */
const MAX_DETAIL_LENGTH = 500;

export interface PlatformRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  body?: unknown;
}

/** Sends requests to the platform, and turns its errors into ours. */
export class PlatformRequests {
  constructor(
    private readonly baseUrl: string,
    private readonly timeoutMs = CALL_TIMEOUT_MS,
  ) {}

  /**
   * @returns the JSON of a 2xx answer, `null` for an empty one; `undefined` for a 404
   * @throws RemoteAccessError for everything else
   */
  async send(credentials: CallerCredentials, request: PlatformRequest): Promise<unknown> {
    const answer = await this.exchange(credentials, request);
    if (answer.status === 404) return undefined;
    if (answer.status < 200 || answer.status > 299) throw refusalOf(answer, request);
    return answer.text === '' ? null : parsed(answer.text, request);
  }

  private async exchange(
    credentials: CallerCredentials,
    request: PlatformRequest,
  ): Promise<{ status: number; text: string }> {
    const signal = AbortSignal.timeout(this.timeoutMs);
    const hasBody = request.body !== undefined;
    try {
      const response = await fetch(`${this.baseUrl}${request.path}`, {
        method: request.method,
        headers: {
          ...credentials.headers(),
          accept: 'application/json',
          ...(hasBody ? { 'content-type': 'application/json' } : {}),
        },
        ...(hasBody ? { body: JSON.stringify(request.body) } : {}),
        // Credentials must not follow a redirect away from the platform.
        redirect: 'error',
        signal,
      });
      return { status: response.status, text: await response.text() };
    } catch (cause) {
      throw new RemoteAccessError(signal.aborted ? 'platform-timeout' : 'platform-failed', {
        cause,
      });
    }
  }
}

function refusalOf(
  answer: { status: number; text: string },
  request: PlatformRequest,
): RemoteAccessError {
  const cause = new Error(`${request.method} ${request.path} answered ${answer.status}`);
  const detail = platformWords(answer.text);
  switch (answer.status) {
    case 401:
      return new RemoteAccessError('unauthenticated', { cause });
    case 403:
      return new RemoteAccessError('forbidden', { cause, ...(detail ? { detail } : {}) });
    case 409:
      return new RemoteAccessError('conflict', { cause });
    default:
      return new RemoteAccessError('platform-failed', { cause });
  }
}

/** The `message` of the platform's error body. */
function platformWords(text: string): string | undefined {
  try {
    const message = (JSON.parse(text) as { message?: unknown } | null)?.message;
    return typeof message === 'string' ? message.slice(0, MAX_DETAIL_LENGTH) : undefined;
  } catch {
    // A proxy's HTML page: its words mean nothing to the user.
    return undefined;
  }
}

function parsed(text: string, request: PlatformRequest): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    const where = `${request.method} ${request.path} answered 2xx without JSON`;
    throw new RemoteAccessError('platform-failed', { cause: new Error(where, { cause }) });
  }
}
