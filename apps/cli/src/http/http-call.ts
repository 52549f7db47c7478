import { request as httpRequest, type Agent, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { text as textOf } from 'node:stream/consumers';
import {
  certificateFault,
  certificateProblem,
  NetworkRoute,
  ProxyError,
  proxyOf,
} from '@remote-access/network';
import type { Secret } from '@remote-access/settings';
import { CliFailure } from '../failures/failure';

/** Importing a thousand lines takes longest. */
const TIMEOUT_MS = 120_000;

export interface HttpCall {
  readonly authorization?: Secret;
  readonly form?: URLSearchParams;
  readonly json?: unknown;
  readonly text?: { readonly type: string; readonly content: string };
  readonly accept?: string;
  /** Gives up waiting for the answer. */
  readonly signal?: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  /** Parsed if it is JSON, otherwise the text; `undefined` if it is empty. */
  readonly body: unknown;
}

/**
 * One request to the platform. Redirects are not followed: credentials are never sent to another
 * address.
 */
export async function call(
  url: string,
  method: string,
  path: string,
  { authorization, form, json, text, accept = 'application/json', signal }: HttpCall = {},
): Promise<HttpAnswer> {
  const [type, content] = form
    ? ['application/x-www-form-urlencoded', form.toString()]
    : text
      ? [text.type, text.content]
      : json === undefined
        ? []
        : ['application/json', JSON.stringify(json)];
  const headers = {
    accept,
    ...(authorization && { authorization: authorization.reveal() }),
    ...(type !== undefined && { 'content-type': type }),
    ...(content !== undefined && { 'content-length': Buffer.byteLength(content) }),
  };
  let response: IncomingMessage;
  let answer: string;
  try {
    const limits = [AbortSignal.timeout(TIMEOUT_MS), ...(signal ? [signal] : [])];
    response = await send(`${url}${path}`, method, headers, content, AbortSignal.any(limits));
    answer = await textOf(response);
  } catch (cause) {
    throw unreachable(url, cause);
  }
  const { statusCode: status = 0 } = response;
  const { location, 'content-type': answerType } = response.headers;
  if (status >= 300 && status < 400 && location !== undefined) {
    throw new CliFailure('platform', `${url} redirects to another address.`, {
      hint: `Sign in at ${originOf(location, url)} instead, if you trust it.`,
    });
  }
  return { status, body: parse(answer, answerType ?? null) };
}

function send(
  address: string,
  method: string,
  headers: Readonly<Record<string, string | number>>,
  content: string | undefined,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const agent = agentFor(address);
  return new Promise((resolve, reject) => {
    const request = (address.startsWith('https:') ? httpsRequest : httpRequest)(address, {
      method,
      headers,
      agent,
      signal,
    });
    request.once('response', resolve);
    request.on('error', reject);
    request.end(content);
  });
}

/**
 * Opens connections to the platform as configured by the environment: HTTPS_PROXY, HTTP_PROXY and
 * NO_PROXY.
 *
 * @throws {CliFailure} if the proxy's address is invalid
 */
export function agentFor(url: string): Agent {
  try {
    const route = new NetworkRoute(proxyOf(url, process.env));
    return route.httpAgent(url.startsWith('https:'), { noDelay: true });
  } catch {
    const name = url.startsWith('https:') ? 'HTTPS_PROXY' : 'HTTP_PROXY';
    throw new CliFailure('usage', `${name} is not the address of an HTTP proxy.`, {
      hint: 'It looks like http://user:password@proxy.example.com:3128.',
    });
  }
}

/** The failure for a connection that could not be opened or was lost. */
export function unreachable(url: string, cause: unknown): CliFailure {
  if (cause instanceof CliFailure) return cause;
  if (cause instanceof ProxyError) {
    return new CliFailure('platform', `${url} cannot be reached: ${cause.message}.`, {
      isTransient: true,
      cause,
      hint: 'The proxy is set by HTTPS_PROXY (HTTP_PROXY without TLS); NO_PROXY lists exceptions.',
    });
  }
  const problem = certificateProblem(cause);
  if (problem !== undefined) {
    return new CliFailure('platform', `${url} ${problem}.`, {
      cause,
      hint: certificateHint(cause),
    });
  }
  const { code, message = 'unknown reason' } = cause as { code?: string; message?: string };
  return new CliFailure('platform', `${url} cannot be reached: ${code ?? message}.`, {
    isTransient: true,
    cause,
  });
}

function certificateHint(cause: unknown): string {
  const fault = certificateFault(cause);
  switch (fault) {
    case 'expired':
    case 'not-yet-valid':
      return `This machine's clock shows ${new Date().toISOString()}. If that is right, the tenant needs another certificate.`;
    case 'other-names':
      return 'Check the address: use one of the names of the certificate.';
    case 'untrusted':
    case undefined:
      return 'If your company has its own CA, set NODE_EXTRA_CA_CERTS to the file of its certificate.';
    default:
      return fault satisfies never;
  }
}

function originOf(location: string, base: string): string {
  try {
    return new URL(location, base).origin;
  } catch {
    return 'the other address';
  }
}

function parse(text: string, type: string | null): unknown {
  if (text === '') return undefined;
  if (!/\bjson\b/.test(type ?? '')) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
