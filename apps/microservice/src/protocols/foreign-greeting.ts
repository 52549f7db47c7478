/** As much as is needed to know a server by. */
const KEPT_BYTES = 12;

const GREETINGS: readonly (readonly [RegExp, string])[] = [
  [/^SSH-\d/, 'an SSH server. Set the protocol of the endpoint to SSH'],
  [/^RFB \d{3}\.\d{3}\n/, 'a VNC server. Set the protocol of the endpoint to VNC'],
  [/^HTTP\/\d/, 'a web server. Set the port of the endpoint to that of the Telnet server'],
];

/** Knows servers of other protocols by what they send first. */
export class ForeignGreeting {
  private kept = '';

  /** @returns what the server is and what to do, as the end of a sentence, once it is known */
  add(chunk: Buffer): string | undefined {
    if (this.kept.length >= KEPT_BYTES) return undefined;
    this.kept += chunk.subarray(0, KEPT_BYTES - this.kept.length).toString('latin1');
    return GREETINGS.find(([pattern]) => pattern.test(this.kept))?.[1];
  }
}
