import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { type Refusal, RemoteAccessError } from '@remote-access/contracts';
import { CallerCredentials } from '../platform/caller-credentials';
import { AttemptLimit } from './attempt-limit';
import { claimedName } from './claimed-name';

/**
 * Slows down who tries credentials, by the name that they claim to have: over REST and at the
 * WebSockets' door together. Whoever comes with the right ones is let in all the same.
 */
@Injectable()
export class FailedSignIns {
  private readonly limit = new AttemptLimit();

  /** @returns the refusal, or `too-many-requests` in its place */
  judged(request: IncomingMessage, refusal: Refusal): Refusal {
    const isFailure = refusal.code === 'unauthenticated' && CallerCredentials.from(request);
    return isFailure && this.limit.failed(claimedName(request))
      ? new RemoteAccessError('too-many-requests')
      : refusal;
  }
}
