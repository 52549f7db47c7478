import {
  Agent as HttpAgent,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as httpRequest,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import { isRefusal, RemoteAccessError } from '@remote-access/contracts';
import { BackOff } from '@remote-access/streams';
import { eventLoopTurn } from '../concurrency/event-loop-turns';
import { type MemoryBudget, Reservation } from '../memory/memory-budget';

export interface RequestTimes {
  /**
   * For a request including all attempts. Short enough for the deadline of a WebSocket handshake,
   * which sends two requests in sequence.
   */
  readonly timeoutMs: number;
  /** Maximum delay before the second attempt; doubled before the third. */
  readonly firstDelayMs: number;
}

const TIMES: RequestTimes = { timeoutMs: 5_000, firstDelayMs: 300 };

const MAX_ATTEMPTS = 3;

/** Statuses of a proxy or an overloaded platform, which may soon recover. */
const TEMPORARY = new Set([502, 503, 504]);

const TOO_MANY =
  'Cumulocity limits the number of requests at the moment. Wait a minute and try again.';

/** Responses up to this size are not counted, so that nothing small ever waits for memory. */
const UNCOUNTED_BYTES = 64 * 1024;

/** A response takes its bytes, its text, and what is parsed from it. */
const COPIES_OF_ANSWER = 4;

/** The platform's error messages are truncated to this length before they are passed on. */
const MAX_DETAIL_LENGTH = 500;

/** Servers commonly close idle connections after five seconds; a request must not meet such a close. */
const IDLE_CONNECTION_MS = 4_000;

export interface PlatformRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  body?: unknown;
}

export type RequestHeaders = Readonly<Record<string, string>>;

interface PlatformAnswer {
  readonly status: number;
  readonly text: string;
  /** Milliseconds that the platform asks to wait, from `Retry-After` (RFC 9110, section 10.2.3). */
  readonly retryAfterMs?: number;
}

/**
 * Sends requests to the platform and converts its errors to ours.
 *
 * Retries requests that the platform rejected with 429, after the delay that it asks for, and reads
 * that failed temporarily. Other failed writes are not retried: they may have taken effect.
 */
export class PlatformRequests {
  private readonly isTls: boolean;
  private readonly agent: HttpAgent;
  /** The platform's clock minus the monotonic one; unknown before the first response. */
  private clockOffsetMs: number | undefined;

  /**
   * @param memory accounts for large responses: users who may write to the inventory determine the
   *   size of an object
   * @param headers sent with every request, in addition to the sender's
   */
  constructor(
    private readonly baseUrl: string,
    private readonly memory: MemoryBudget,
    private readonly headers: RequestHeaders = {},
    private readonly times = TIMES,
  ) {
    this.isTls = new URL(baseUrl).protocol === 'https:';
    const options = { keepAlive: true, timeout: IDLE_CONNECTION_MS };
    this.agent = this.isTls ? new HttpsAgent(options) : new HttpAgent(options);
  }

  /**
   * The time by the platform's clock, to about a second, from the `Date` of its last response (RFC
   * 9110, section 6.6.1). Before the first one, by the machine's clock, which may be wrong.
   * @returns milliseconds since 1970
   */
  now(): number {
    const { clockOffsetMs } = this;
    return clockOffsetMs === undefined ? Date.now() : performance.now() + clockOffsetMs;
  }

  /**
   * @param sender headers that authenticate the sender
   * @param claimedName the name of the user in them; a wrong one causes only a short response
   * @returns the JSON of a 2xx response, `null` for an empty one; `undefined` for a 404
   * @throws RemoteAccessError for everything else
   */
  async send(
    sender: RequestHeaders,
    request: PlatformRequest,
    claimedName?: string,
  ): Promise<unknown> {
    const owner = claimedName === undefined ? {} : { userName: claimedName };
    const memory = new Reservation(this.memory, { tenant: 'answers', ...owner });
    try {
      const answer = await this.answerTo(sender, request, memory);
      if (answer instanceof RemoteAccessError) throw answer;
      if (answer.status === 404) return undefined;
      if (answer.status < 200 || answer.status > 299) throw refusalOf(answer, request);
      return answer.text === '' ? null : parsed(answer.text, request);
    } finally {
      memory.release();
    }
  }

  private async answerTo(
    sender: RequestHeaders,
    request: PlatformRequest,
    memory: Reservation,
  ): Promise<PlatformAnswer | RemoteAccessError> {
    const endsAt = performance.now() + this.times.timeoutMs;
    const backOff = new BackOff(this.times.firstDelayMs);
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.exchange(sender, request, memory, endsAt - performance.now());
      if (attempt === MAX_ATTEMPTS || !mayRepeat(request, answer)) return answer;
      const asked = answer instanceof RemoteAccessError ? 0 : (answer.retryAfterMs ?? 0);
      const delayMs = asked + backOff.next();
      if (performance.now() + delayMs >= endsAt) return answer;
      await pause(delayMs);
    }
  }

  private async exchange(
    sender: RequestHeaders,
    request: PlatformRequest,
    memory: Reservation,
    timeoutMs: number,
  ): Promise<PlatformAnswer | RemoteAccessError> {
    const signal = AbortSignal.timeout(Math.max(1, Math.ceil(timeoutMs)));
    try {
      const response = await this.responseTo(sender, request, signal);
      const dateMs = Date.parse(response.headers.date ?? '');
      if (!Number.isNaN(dateMs)) this.clockOffsetMs = dateMs - performance.now();
      const retryAfterMs = retryAfter(response.headers);
      const text = await readText(response, memory);
      await eventLoopTurn();
      return {
        status: response.statusCode!,
        text,
        ...(retryAfterMs > 0 ? { retryAfterMs } : {}),
      };
    } catch (cause) {
      if (isRefusal(cause)) return cause;
      return new RemoteAccessError(signal.aborted ? 'platform-timeout' : 'platform-failed', {
        cause,
      });
    }
  }

  /**
   * Uses `node:http` because `fetch` takes more CPU, and each new session waits for several responses.
   * Redirects are not followed: credentials must not leave the platform.
   */
  private responseTo(
    sender: RequestHeaders,
    { method, path, body }: PlatformRequest,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const { isTls, agent } = this;
    const content = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      ...this.headers,
      ...sender,
      accept: 'application/json',
      ...(content !== undefined && {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(content),
      }),
    };
    return new Promise((resolve, reject) => {
      const options = { method, headers, agent, signal };
      const request = (isTls ? httpsRequest : httpRequest)(`${this.baseUrl}${path}`, options);
      request.on('error', reject);
      request.once('response', resolve);
      request.end(content);
    });
  }
}

/** @throws RemoteAccessError `too-many-requests` once the response exceeds the available memory */
async function readText(response: IncomingMessage, memory: Reservation): Promise<string> {
  const decoder = new TextDecoder();
  let bytes = 0;
  let text = '';
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    const refusal = bytes > UNCOUNTED_BYTES && memory.resize(COPIES_OF_ANSWER * bytes);
    if (refusal) throw refusal;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function mayRepeat(
  { method }: PlatformRequest,
  answer: PlatformAnswer | RemoteAccessError,
): boolean {
  if (answer instanceof RemoteAccessError) {
    return method === 'GET' && answer.code === 'platform-failed' && isBrokenConnection(answer);
  }
  return answer.status === 429 || (method === 'GET' && TEMPORARY.has(answer.status));
}

/**
 * Milliseconds that a `Retry-After` asks to wait: a number of seconds, or a date (RFC 9110, section
 * 10.2.3), which is compared with the platform's clock; `NaN` if it is neither.
 */
function retryAfter(headers: IncomingHttpHeaders): number {
  const text = headers['retry-after'] ?? '';
  if (/^\d{1,9}$/.test(text)) return 1_000 * Number(text);
  return text.endsWith(' GMT') ? Date.parse(text) - Date.parse(headers.date ?? '') : NaN;
}

/** Unlike errors of the system, those of Node.js, such as an invalid header, would only occur again. */
function isBrokenConnection({ cause }: RemoteAccessError): boolean {
  const code = (cause as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' && !code.startsWith('ERR_');
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
    case 429:
      return new RemoteAccessError('platform-failed', { cause, detail: TOO_MANY });
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
    // A proxy's HTML page, whose text means nothing to the user.
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
