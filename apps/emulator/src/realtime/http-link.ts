import type { ServerResponse } from 'node:http';
import type { Link } from './bayeux-session';

/** One long poll: messages go with its answer. */
export class HttpLink implements Link {
  constructor(private readonly response: ServerResponse) {}

  get gone(): boolean {
    return this.response.closed || this.response.destroyed;
  }

  onGone(listener: () => void): () => void {
    this.response.once('close', listener);
    return () => this.response.off('close', listener);
  }
}
