import type { PlatformErrorBody } from '../auth/platform-refusal';

/** A response of the ingress itself. */
export interface IngressRefusal {
  readonly status: number;
  readonly body: PlatformErrorBody;
}

const refusal = (status: number, error: string, message: string): IngressRefusal => ({
  status,
  body: { error, message, info: 'docs/emulator-differences.md' },
});

export const INGRESS_REFUSALS = {
  notAnUpgrade: refusal(
    400,
    'microservice/Bad Request',
    'Only WebSocket connections can be upgraded.',
  ),
  unauthenticated: refusal(
    401,
    'security/Unauthorized',
    'The ingress asks for credentials on upgrades.',
  ),
  notFound: refusal(404, 'microservice/Not Found', 'No microservice has this path.'),
  noAnswer: refusal(502, 'microservice/Bad Gateway', 'The microservice does not answer.'),
  notRouted: refusal(
    503,
    'microservice/Service Unavailable',
    'The microservice is not running. It may still be starting.',
  ),
} as const satisfies Record<string, IngressRefusal>;
