import type { RunningSession } from '@remote-access/contracts';
import type { Refusal } from '../ui/refusal';
import type { SessionListClient } from './session-list';

/** How often the list is requested if it cannot be streamed. */
export const POLL_EVERY_MS = 5_000;

/**
 * After a failed stream, streaming is retried after this many polls: a proxy may have been
 * replaced.
 */
const POLLS_BETWEEN_STREAMS = 12;

/**
 * The service sends a list immediately and then every 15 seconds, unless a proxy buffers responses.
 */
export const SILENT_AFTER_MS = 20_000;

type Content = readonly RunningSession[] | Refusal;

/**
 * Keeps a list of running sessions up to date: from a stream of changes, or by polling if streams
 * do not work.
 */
export class SessionFeed {
  private abort = new AbortController();
  private wake: (() => void) | undefined;

  /** @param changed receives every list, or the refusal if there is none */
  constructor(
    private readonly client: SessionListClient,
    private readonly changed: (content: Content) => void,
  ) {
    void this.run(this.abort.signal);
  }

  /** Requests the list immediately. */
  async refresh(): Promise<void> {
    const { signal } = this.abort;
    const content = await this.client.list();
    if (!signal.aborted) this.changed(content);
  }

  stop(): void {
    this.abort.abort();
    this.wake?.();
  }

  private async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (await this.follow(signal)) continue;
      for (let polls = 0; polls < POLLS_BETWEEN_STREAMS && !signal.aborted; polls += 1) {
        await this.refresh();
        await this.pause(signal);
      }
    }
  }

  /** @returns whether the stream worked; the service ends each one after some minutes */
  private async follow(signal: AbortSignal): Promise<boolean> {
    const stream = new AbortController();
    const end = (): void => stream.abort();
    signal.addEventListener('abort', end);
    let silence = setTimeout(end, SILENT_AFTER_MS);
    let works = false;
    try {
      for await (const sessions of this.client.stream(stream.signal)) {
        if (signal.aborted) return true;
        clearTimeout(silence);
        silence = setTimeout(end, SILENT_AFTER_MS);
        works = true;
        this.changed(sessions);
      }
      return works;
    } catch {
      // The connection was lost, or the stream fell silent. Polling tells whether the service is
      // reachable.
      return false;
    } finally {
      clearTimeout(silence);
      signal.removeEventListener('abort', end);
    }
  }

  private pause(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise(resolve => {
      const timer = setTimeout(resolve, POLL_EVERY_MS);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
