import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { FRAGMENTS, type Operation } from '@remote-access/contracts/platform';
import type { Call } from './call';
import { PlatformRefusal } from '../auth/platform-refusal';

/** Makes a single request fail, for tests: `X-Emulator-Fail: fail-500`. */
export const SENTINEL_HEADER = 'x-emulator-fail';

/** What a sentinel word causes. */
export type Failure =
  { kind: 'status'; status: number } | { kind: 'slow'; delayMs: number } | { kind: 'drop' };

/** Documented in docs/emulator-differences.md. */
export const SENTINEL_WORDS: readonly {
  readonly example: string;
  readonly pattern: RegExp;
  failure(found: string): Failure;
}[] = [
  {
    example: 'fail-500',
    pattern: /\bfail-([45]\d\d)\b/,
    failure: status => ({ kind: 'status', status: Number(status) }),
  },
  {
    example: 'slow-3s',
    pattern: /\bslow-([1-9]\d?)s\b/,
    failure: seconds => ({ kind: 'slow', delayMs: Number(seconds) * 1000 }),
  },
  {
    example: 'drop-connection',
    pattern: /\b(drop-connection)\b/,
    failure: () => ({ kind: 'drop' }),
  },
];

/** The requests that the words apply to. DELETE always works, so that a user can clean up. */
export const SENTINEL_PLACES: readonly { readonly where: string; texts(call: Call): unknown[] }[] =
  [
    {
      where: 'the name of the managed object in the path or in deviceId',
      texts: call => idsOf(call).map(id => call.tenant.managedObjects.get(id)?.name),
    },
    {
      where: 'the description or the host name of an operation, from its creation on',
      texts: call =>
        isOperationCall(call)
          ? operationTexts(
              call.params['id'] ? call.tenant.operations.get(call.params['id']) : call.body,
            )
          : [],
    },
    {
      where: 'the name of an endpoint, when the list of endpoints is written',
      texts: call => {
        const endpoints = call.body[FRAGMENTS.list];
        return Array.isArray(endpoints)
          ? endpoints.map((endpoint: { name?: unknown } | null) => endpoint?.name)
          : [];
      },
    },
    {
      where: 'the value of a tenant option, when it is written',
      texts: call => (call.path.startsWith('/tenant/options') ? Object.values(call.body) : []),
    },
  ];

/** Makes requests fail on purpose. */
export class Sentinels {
  /** Fails a request that involves a name with a sentinel word. @returns whether it was answered */
  async failByName(call: Call, response: ServerResponse): Promise<boolean> {
    if (call.request.method === 'DELETE') return false;
    for (const text of SENTINEL_PLACES.flatMap(place => place.texts(call))) {
      const failure = typeof text === 'string' ? failureIn(text) : undefined;
      if (failure) return this.fail(failure, response);
    }
    return false;
  }

  /** Fails a request with a sentinel word in its header. @returns whether it was answered */
  async failByHeader(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const failure = failureIn(String(request.headers[SENTINEL_HEADER] ?? ''));
    return failure ? this.fail(failure, response) : false;
  }

  private async fail(failure: Failure, response: ServerResponse): Promise<boolean> {
    switch (failure.kind) {
      case 'status': {
        const { body } = new PlatformRefusal(
          failure.status,
          'emulator/Sentinel',
          `Failed on purpose with ${failure.status}`,
        );
        response.writeHead(failure.status, { 'Content-Type': 'application/json' });
        response.end(JSON.stringify(body));
        return true;
      }
      case 'slow':
        await delay(failure.delayMs, undefined, { ref: false });
        return response.destroyed;
      case 'drop':
        response.destroy();
        return true;
      default:
        return failure satisfies never;
    }
  }
}

/** The first sentinel word in a text. */
export function failureIn(text: string): Failure | undefined {
  for (const { pattern, failure } of SENTINEL_WORDS) {
    const found = pattern.exec(text)?.[1];
    if (found) return failure(found);
  }
  return undefined;
}

function isOperationCall(call: Call): boolean {
  return call.path.startsWith('/devicecontrol/operations');
}

/** Ids of the managed objects that a request involves. */
function idsOf(call: Call): string[] {
  const { id } = call.params;
  const ids = [call.query.get('deviceId'), call.query.get('source')];
  if (isOperationCall(call)) {
    ids.push(
      id ? (call.tenant.operations.get(id)?.deviceId ?? null) : String(call.body['deviceId']),
    );
  } else if (/^\/(inventory|identity)\//.test(call.path)) {
    ids.push(id ?? null);
  }
  return ids.filter(found => found !== null);
}

function operationTexts(operation: Partial<Operation> | undefined): unknown[] {
  return [operation?.description, operation?.c8y_RemoteAccessConnect?.hostname];
}
