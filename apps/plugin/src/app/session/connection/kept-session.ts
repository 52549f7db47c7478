import type { ResumeClaim } from './resume-claim';
import { holdSession, type SavedSession, type SavedSessions } from './saved-session';

/** How far a running session can be resumed after a reload. */
export interface ResumePoint {
  readonly claim: ResumeClaim;
  /** Offset up to which the screen includes the output. */
  readonly output: number;
}

/**
 * What a tab keeps of its running session for a reload: the claim and the screen, and a lock, so
 * that a duplicated window does not take the session away.
 */
export class KeptSession {
  private savedOutput = -1;
  /** Releases the session for other windows. */
  private release: (() => void) | undefined;
  private heldSession: string | undefined;

  constructor(private readonly saved: SavedSessions) {}

  /** The session from before a reload. */
  read(): SavedSession | undefined {
    return this.saved.read();
  }

  /**
   * Reserves the session from before a reload for this window.
   * @returns accepts it, or gives it up again; `undefined` if another window has reserved it
   */
  async hold(sessionId: string): Promise<{ accept(): void; giveUp(): void } | undefined> {
    const release = await holdSession(sessionId);
    if (!release) return undefined;
    const accept = (): void => {
      this.release = release;
      this.heldSession = sessionId;
    };
    return { accept, giveUp: release };
  }

  /** The claim to the running session was created, changed or removed. */
  claimChanged(claim: ResumeClaim | undefined): void {
    this.saved.saveClaim(claim);
    this.savedOutput = -1;
    if (claim?.sessionId === this.heldSession) return;
    this.release?.();
    this.release = undefined;
    this.heldSession = claim?.sessionId;
    if (claim) void holdSession(claim.sessionId).then(release => (this.release = release));
  }

  /**
   * Stores the screen, unless it has not changed.
   * @param snapshot what is displayed, as output; `undefined` if it cannot be stored
   */
  saveScreen({ claim, output }: ResumePoint, snapshot: () => string | undefined): void {
    if (output === this.savedOutput) return;
    const screen = snapshot();
    if (screen === undefined) return;
    this.savedOutput = output;
    this.saved.saveScreen(claim, screen, output);
  }
}
