import { inject, Injectable, type OnDestroy, signal } from '@angular/core';
import type { RunningSession } from '@remote-access/contracts';
import { PlatformCalls, StreamCalls } from '../host/platform-calls';
import type { Refusal } from '../ui/refusal';
import { SessionFeed } from './session-feed';
import { SessionListClient } from './session-list';

/**
 * Who is connected, for as long as the page is visible: a hidden page keeps no stream open.
 * Provided by the page, which determines the gateway.
 */
@Injectable()
export class RunningSessions implements OnDestroy {
  private readonly platform = inject(PlatformCalls);
  private readonly streams = inject(StreamCalls);
  private readonly visibilityListener = (): void => this.updateFeed();
  private readonly current = signal<readonly RunningSession[] | Refusal | undefined>(undefined);
  private readonly receivedAt = signal(Date.now());
  private client: SessionListClient | undefined;
  private feed: SessionFeed | undefined;

  /** `undefined` until it is known. */
  readonly content = this.current.asReadonly();
  /** When the content was received, in milliseconds since 1970. */
  readonly nowMs = this.receivedAt.asReadonly();

  constructor() {
    document.addEventListener('visibilitychange', this.visibilityListener);
  }

  ngOnDestroy(): void {
    document.removeEventListener('visibilitychange', this.visibilityListener);
    this.feed?.stop();
    this.client = undefined;
  }

  /** @param deviceId all gateways if absent */
  watch(deviceId?: string): void {
    const { platform, streams } = this;
    this.client = new SessionListClient({ platform, streams }, deviceId);
    this.current.set(undefined);
    this.feed?.stop();
    this.feed = undefined;
    this.updateFeed();
  }

  /** @param reason shown to the user of the session; may be empty */
  async terminate(sessionId: string, reason: string): Promise<Refusal | undefined> {
    const refusal = await this.client?.terminate(sessionId, reason);
    await this.feed?.refresh();
    return refusal;
  }

  private updateFeed(): void {
    if (document.hidden || !this.client) {
      this.feed?.stop();
      this.feed = undefined;
      return;
    }
    this.feed ??= new SessionFeed(this.client, content => {
      this.receivedAt.set(Date.now());
      this.current.set(content);
    });
  }
}
