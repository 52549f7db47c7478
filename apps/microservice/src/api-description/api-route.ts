import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiResponse } from '@nestjs/swagger';
import { ERRORS, RemoteAccessError, type ErrorCode } from '@remote-access/contracts';
import { errorBody } from '../http/error-filter';
import { schemaRef, type Schema } from './schemas';

const JSON_TYPE = 'application/json';

interface Answer {
  readonly status: number;
  readonly text: string;
  /** Absent for a response without a body. */
  readonly schema?: Schema;
  readonly example?: unknown;
  /** Media types in addition to JSON; their bodies are text. */
  readonly texts?: readonly string[];
}

/** The description of a route. */
export interface RouteDescription {
  readonly summary: string;
  readonly details?: string;
  readonly body?: {
    readonly schema: Schema;
    readonly example: unknown;
    readonly required?: boolean;
    readonly mediaTypes?: readonly string[];
  };
  /** The usual response comes first. */
  readonly answers: readonly [Answer, ...Answer[]];
  /** Refusals of body parsing, authentication and platform requests are added automatically. */
  readonly refusals?: readonly ErrorCode[];
  /** Whether the route needs no credentials. */
  readonly open?: boolean;
}

/** Describes a route of a controller for `/openapi.json`. */
export function ApiRoute(route: RouteDescription): MethodDecorator {
  const { summary, details, body, answers, open = false } = route;
  const decorators: MethodDecorator[] = [
    ApiOperation({
      summary,
      ...(details === undefined ? {} : { description: details }),
      ...(open ? { security: [] } : {}),
    }),
    ...answers.map(answer => ApiResponse(responseOf(answer))),
    ...refusalsByStatus(route).map(([status, codes]) => ApiResponse(refusalOf(status, codes))),
  ];
  if (body) {
    const { schema, example, required = true, mediaTypes = [JSON_TYPE] } = body;
    decorators.push(ApiConsumes(...mediaTypes));
    decorators.push(ApiBody({ schema, required, examples: { usual: { value: example } } }));
  }
  return applyDecorators(...decorators);
}

function responseOf({ status, text, schema, example, texts = [] }: Answer) {
  if (schema === undefined) return { status, description: text };
  const media = { schema, ...(example === undefined ? {} : { example }) };
  const others = Object.fromEntries(texts.map(type => [type, { schema: { type: 'string' } }]));
  return { status, description: text, content: { [JSON_TYPE]: media, ...others } };
}

function refusalsByStatus({
  refusals = [],
  body,
  open,
}: RouteDescription): [number, ErrorCode[]][] {
  const codes = new Set<ErrorCode>([
    ...(open ? [] : (['unauthenticated', 'too-many-requests'] as const)),
    ...(body
      ? (['malformed-request', 'payload-too-large', 'unsupported-media-type'] as const)
      : []),
    ...refusals,
    'internal',
    ...(open ? [] : (['platform-failed', 'platform-timeout'] as const)),
  ]);
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    const { httpStatus } = ERRORS[code];
    byStatus.set(httpStatus, [...(byStatus.get(httpStatus) ?? []), code]);
  }
  return [...byStatus].sort(([one], [other]) => one - other);
}

function refusalOf(status: number, codes: readonly ErrorCode[]) {
  const examples = codes.map(code => {
    const value = errorBody(new RemoteAccessError(code));
    return [code, { summary: ERRORS[code].text, value }] as const;
  });
  const media = { schema: schemaRef('Error'), examples: Object.fromEntries(examples) };
  const description = codes.map(code => `\`${code}\``).join(', ');
  return { status, description, content: { [JSON_TYPE]: media } };
}
