/** What fills the page of a session: it draws what comes, and takes what the user does. */
export abstract class SessionBody {
  /** Of a terminal, in cells. */
  abstract readonly size: { cols: number; rows: number };
  /** Loads what draws. Rejects when it did not come: offline, or the plugin was updated meanwhile. */
  abstract load(): Promise<void>;
  /** The session is open: bytes follow. */
  abstract begin(): void;
  /** Draws output, in order; `drawn` is called when it has been taken in. */
  abstract draw(bytes: Uint8Array<ArrayBuffer>, drawn: () => void): void;
  /** The session is over. */
  abstract end(): void;
  /** The next session is on its way; what was read stays where it can. */
  abstract startAnew(): void;
  abstract focus(): void;
}
