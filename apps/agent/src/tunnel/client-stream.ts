import { WebSocketDuplex } from '@remote-access/streams';
import { matchProposal, YAMUX_PROPOSAL } from '@remote-access/yamux';

/** How long the rest of a proposal may take. Clients send it in one piece. */
const REST_TIMEOUT_MS = 1_000;

/**
 * The bytes of a session's client. If the first of them propose many streams in the session, they are
 * taken out; anything else passes as it is, and at once as soon as it differs.
 */
export class ClientStream extends WebSocketDuplex {
  private readonly proposed = new AbortController();
  private held: Buffer | undefined = Buffer.alloc(0);
  private timer: NodeJS.Timeout | undefined;

  /** Aborted when the client has proposed many streams, before what follows is read. */
  get proposal(): AbortSignal {
    return this.proposed.signal;
  }

  override push(chunk: Buffer | null): boolean {
    if (this.held === undefined) return super.push(chunk);
    if (chunk === null) {
      this.release();
      return super.push(null);
    }
    const bytes = Buffer.concat([this.held, chunk]);
    this.held = bytes;
    switch (matchProposal(bytes)) {
      case 'part':
        this.timer ??= setTimeout(() => this.release(), REST_TIMEOUT_MS);
        return true;
      case 'other':
        return this.release();
      case 'whole':
        this.held = bytes.subarray(YAMUX_PROPOSAL.length);
        this.proposed.abort();
        return this.release();
    }
  }

  override _destroy(cause: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.timer);
    super._destroy(cause, done);
  }

  private release(): boolean {
    const { held } = this;
    clearTimeout(this.timer);
    this.held = undefined;
    return held?.length && !this.destroyed ? super.push(held) : true;
  }
}
