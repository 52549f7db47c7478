import {
  isCount,
  isRefusal,
  isResumeKey,
  MAX_RESUME_KEYS,
  readTerminalSize,
  type Refusal,
  RemoteAccessError,
  type ResumeRequest,
  type WatchRequest,
} from '@remote-access/contracts';

/** What a ticket is asked for; a new session if it neither resumes nor watches one. */
export interface TicketBody {
  /** The session to resume, instead of opening a new one. */
  readonly resume?: ResumeRequest;
  /** The session to watch, instead of opening a new one. */
  readonly watch?: WatchRequest;
  /** The key with which the client intends to resume the new session. */
  readonly keep?: string;
  /** The size of the new session's terminal, in cells. */
  readonly size?: { readonly cols: number; readonly rows: number };
  /** The notice that the user has accepted; not validated. */
  readonly noticeAccepted?: unknown;
}

/**
 * @param body the body of the request; everything in it is optional
 * @returns `malformed-request`, naming what is wrong
 */
export function readTicketBody(body: unknown): TicketBody | Refusal {
  const fields = Object(body) as Partial<Record<keyof TicketBody, unknown>>;
  const resume = given(fields.resume, readResumeRequest);
  if (isRefusal(resume)) return resume;
  const watch = given(fields.watch, readWatchRequest);
  if (isRefusal(watch)) return watch;
  const keep = given(fields.keep, readKeepKey);
  if (isRefusal(keep)) return keep;
  const size = given(fields.size, readSize);
  if (isRefusal(size)) return size;
  return {
    ...(resume && { resume }),
    ...(watch && { watch }),
    ...(keep !== undefined && { keep }),
    ...(size && { size }),
    noticeAccepted: fields.noticeAccepted,
  };
}

/** @returns `malformed-request` */
export function readResumeRequest(request: unknown): ResumeRequest | Refusal {
  const { sessionId, keys, next, output, takeOver } = Object(request) as Record<string, unknown>;
  if (
    typeof sessionId === 'string' &&
    Array.isArray(keys) &&
    keys.length <= MAX_RESUME_KEYS &&
    keys.every(isResumeKey) &&
    isResumeKey(next) &&
    isCount(output) &&
    ['boolean', 'undefined'].includes(typeof takeOver)
  ) {
    return { sessionId, keys, next, output, ...(takeOver === true ? { takeOver } : {}) };
  }
  const detail =
    'resume must have a sessionId, keys and next of 43 characters (32 bytes in base64url), and output.';
  return new RemoteAccessError('malformed-request', { detail });
}

function readWatchRequest(request: unknown): WatchRequest | Refusal {
  const { sessionId } = Object(request) as Record<string, unknown>;
  if (typeof sessionId === 'string') return { sessionId };
  return new RemoteAccessError('malformed-request', { detail: 'watch must have a sessionId.' });
}

function readKeepKey(key: unknown): string | Refusal {
  if (isResumeKey(key)) return key;
  const detail = 'keep must have 43 characters (32 bytes in base64url).';
  return new RemoteAccessError('malformed-request', { detail });
}

function readSize(size: unknown): { cols: number; rows: number } | Refusal {
  const read = readTerminalSize(Object(size) as Record<string, unknown>);
  const detail = 'size must have cols and rows, whole numbers from 1 to 4096.';
  return read ?? new RemoteAccessError('malformed-request', { detail });
}

/** A field that is null counts as one that is missing. */
function given<Value>(
  field: unknown,
  read: (field: unknown) => Value | Refusal,
): Value | Refusal | undefined {
  return field === undefined || field === null ? undefined : read(field);
}
