import type { Secret } from '@remote-access/settings';
import { CliFailure } from '../failures/failure';

/** An import of a thousand lines takes longest. */
const TIMEOUT_MS = 120_000;

export interface HttpCall {
  readonly authorization?: Secret;
  readonly form?: URLSearchParams;
  readonly json?: unknown;
  readonly text?: { readonly type: string; readonly content: string };
  readonly accept?: string;
}

export interface HttpAnswer {
  readonly status: number;
  /** Parsed if it is JSON, otherwise the text; `undefined` if it is empty. */
  readonly body: unknown;
}

/** One call to the platform. Redirects are not followed: credentials stay with the address they are for. */
export async function call(
  url: string,
  method: string,
  path: string,
  { authorization, form, json, text, accept = 'application/json' }: HttpCall = {},
): Promise<HttpAnswer> {
  const [type, content] = form
    ? ['application/x-www-form-urlencoded', form.toString()]
    : text
      ? [text.type, text.content]
      : json === undefined
        ? []
        : ['application/json', JSON.stringify(json)];
  let response: Response;
  let answer: string;
  try {
    response = await fetch(`${url}${path}`, {
      method,
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: {
        accept,
        ...(authorization && { authorization: authorization.reveal() }),
        ...(type !== undefined && { 'content-type': type }),
      },
      ...(content !== undefined && { body: content }),
    });
    answer = await response.text();
  } catch (cause) {
    throw unreachable(url, cause);
  }
  const location = response.headers.get('location');
  if (response.status >= 300 && response.status < 400 && location !== null) {
    throw new CliFailure('platform', `${url} redirects to another address.`, {
      hint: `Sign in at ${originOf(location, url)} instead, if you trust it.`,
    });
  }
  return { status: response.status, body: parse(answer, response.headers.get('content-type')) };
}

/** The failure of a connection that could not be opened or broke. */
export function unreachable(url: string, cause: unknown): CliFailure {
  const inner = (cause as { cause?: { message?: string; code?: string } }).cause ?? cause;
  const { code, message = 'unknown reason' } = inner as { code?: string; message?: string };
  const isCertificate = /CERT|SELF_SIGNED|ALTNAME/.test(code ?? '');
  return new CliFailure('platform', `${url} cannot be reached: ${code ?? message}.`, {
    isTransient: !isCertificate,
    cause,
    ...(isCertificate && {
      hint: 'Its certificate is not trusted. If your company has its own authority, name its file in NODE_EXTRA_CA_CERTS.',
    }),
  });
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
