import { request as httpRequest, type Agent as HttpAgent, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import type { PlatformAccess } from './platform-access';

/** For requests that the platform does not hold open on purpose. */
const ANSWER_TIMEOUT_MS = 10_000;

/**
 * TCP probes start after this time, because a long poll cannot detect that a router dropped the
 * connection.
 */
const KEEP_ALIVE_MS = 30_000;

/**
 * Shared by all tunnels. Each tunnel needs two sockets itself, and many systems limit a process to
 * about a thousand.
 */
const MAX_CONNECTIONS = 32;

/** The platform refused a request. The message contains the platform's own text. */
export class PlatformError extends Error {
  override readonly name = 'PlatformError';

  constructor(
    readonly status: number,
    text: string,
  ) {
    super(`the platform answered ${status}: ${text}`);
  }
}

export interface CallOptions {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** Sends JSON over HTTP with the device's credentials, over persistent connections. */
export class PlatformClient {
  private readonly agent: HttpAgent;

  private readonly baseUrl: string;
  private readonly isTls: boolean;

  constructor(private readonly access: PlatformAccess) {
    this.baseUrl = access.baseUrl.replace(/\/+$/, '');
    this.isTls = this.baseUrl.startsWith('https:');
    this.agent = access.route.httpAgent(this.isTls, {
      keepAlive: true,
      keepAliveMsecs: KEEP_ALIVE_MS,
      maxSockets: MAX_CONNECTIONS,
      noDelay: true,
    });
  }

  /**
   * @returns the parsed response
   * @throws PlatformError if the platform refuses; a system error if it cannot be reached
   */
  async call(
    method: 'GET' | 'POST' | 'PUT',
    path: string,
    body?: unknown,
    options: CallOptions = {},
  ): Promise<unknown> {
    const authorization = await this.access.authorization();
    const answer = await this.send(method, path, authorization, body, options);
    const content = await text(answer);
    if (answer.statusCode === undefined || answer.statusCode >= 300) {
      throw new PlatformError(answer.statusCode ?? 0, messageIn(content) ?? answer.statusMessage!);
    }
    return content === '' ? undefined : JSON.parse(content);
  }

  close(): void {
    this.agent.destroy();
  }

  private send(
    method: string,
    path: string,
    authorization: string,
    body: unknown,
    { timeoutMs = ANSWER_TIMEOUT_MS, signal }: CallOptions,
  ): Promise<IncomingMessage> {
    const content = body === undefined ? undefined : JSON.stringify(body);
    const send = this.isTls ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const request = send(this.baseUrl + path, {
        method,
        agent: this.agent,
        headers: {
          Authorization: authorization,
          Accept: 'application/json',
          ...(content !== undefined && {
            'Content-Type': 'application/json',
            'Content-Length': Buffer.byteLength(content),
          }),
        },
      });
      const abandon = (): void => void request.destroy(new Error('the call was abandoned'));
      const timer = setTimeout(
        () => request.destroy(new Error(`the platform did not answer within ${timeoutMs} ms`)),
        timeoutMs,
      );
      signal?.addEventListener('abort', abandon, { once: true });
      request.on('close', () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abandon);
      });
      if (signal?.aborted) abandon();
      request.on('response', resolve);
      request.on('error', reject);
      request.end(content);
    });
  }
}

function messageIn(content: string): string | undefined {
  try {
    const { message } = JSON.parse(content) as { message?: unknown };
    return typeof message === 'string' ? message : undefined;
  } catch {
    return undefined;
  }
}
