import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { asRefusal, isRefusal, type Refusal, RemoteAccessError } from '@remote-access/contracts';
import type { Response } from 'express';
import type { VisibleSessions } from './session-overview';

/** A changed list is sent again after this time, with everything that changed meanwhile. */
const CHECK_EVERY_MS = 2_000;

/** Proxies cut responses that are silent for longer. */
const REPEAT_EVERY_MS = 15_000;

/** The caller must then ask again, so that no stream outlives a sign-in for long. */
const MAX_DURATION_MS = 5 * 60_000;

/** Each stream repeatedly asks the platform who the caller is. */
const MAX_STREAMS = 200;
const MAX_STREAMS_PER_USER = 10;

/** Repeats the query, including the check of permissions. */
export type AskAgain = () => Promise<VisibleSessions | Refusal>;

/**
 * Streams the list of sessions: each change is a line of JSON. Permissions are checked each time.
 */
@Injectable()
export class SessionStreams implements OnModuleDestroy {
  private readonly streams = new Map<Response, string>();

  onModuleDestroy(): void {
    for (const response of this.streams.keys()) response.end();
  }

  /** @returns `too-many-requests` */
  open(response: Response, first: VisibleSessions, askAgain: AskAgain): Refusal | undefined {
    const { tenant, userName } = first.caller;
    const user = JSON.stringify([tenant, userName]);
    const ofUser = [...this.streams.values()].filter(one => one === user).length;
    if (this.streams.size >= MAX_STREAMS || ofUser >= MAX_STREAMS_PER_USER) {
      return new RemoteAccessError('too-many-requests');
    }
    this.streams.set(response, user);
    response.status(200).type('application/x-ndjson');
    // Otherwise nginx and its relatives would buffer the response.
    response.setHeader('X-Accel-Buffering', 'no');
    void this.run(response, first, askAgain);
    return undefined;
  }

  private async run(response: Response, first: VisibleSessions, askAgain: AskAgain): Promise<void> {
    const endsAtMs = performance.now() + MAX_DURATION_MS;
    let isGone = false;
    response.once('close', () => (isGone = true));
    let visible: VisibleSessions | Refusal = first;
    let sent = '';
    let sentAtMs = 0;
    while (!isGone && !isRefusal(visible) && performance.now() < endsAtMs) {
      const line = JSON.stringify(visible.sessions);
      const isDue = performance.now() - sentAtMs >= REPEAT_EVERY_MS;
      // A slow reader skips intermediate lists, so nothing accumulates.
      if ((line !== sent || isDue) && !response.writableNeedDrain) {
        response.write(`${line}\n`);
        sent = line;
        sentAtMs = performance.now();
      }
      await pause(response);
      if (!isGone) visible = await askAgain().catch(asRefusal);
    }
    this.streams.delete(response);
    response.end();
  }
}

/** Resolves at the next check, or when the caller has left. */
function pause(response: Response): Promise<void> {
  return new Promise(resolve => {
    const done = (): void => {
      clearTimeout(timer);
      response.off('close', done);
      resolve();
    };
    const timer = setTimeout(done, CHECK_EVERY_MS);
    response.once('close', done);
  });
}
