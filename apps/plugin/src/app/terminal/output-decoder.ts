/** What turns the direction of all that follows (UAX #9): a file name could lie with it. */
const DIRECTION_TURNERS = /[\u202a-\u202e\u2066-\u2069]/g;

/** Shown in their place, so that it is seen that there is something. */
const REPLACEMENT = '\ufffd';

/** Text of what a session sends: UTF-8 cut anywhere, and nothing that reorders what is shown. */
export class OutputDecoder {
  private decoder = newDecoder();

  decode(bytes: Uint8Array): string {
    return this.decoder.decode(bytes, { stream: true }).replace(DIRECTION_TURNERS, REPLACEMENT);
  }

  /** Forgets half a character, of a session that was cut in the middle of it. */
  startAnew(): void {
    this.decoder = newDecoder();
  }
}

function newDecoder(): TextDecoder {
  return new TextDecoder('utf-8', { ignoreBOM: true });
}
