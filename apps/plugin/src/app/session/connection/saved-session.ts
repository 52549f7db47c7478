import { isResumeKey } from '@remote-access/contracts';
import { ResumeClaim } from './resume-claim';

/**
 * Prefix of items in the window's session storage, which survives reloads and crashes; each tab has
 * two items.
 */
const ITEMS = 'remoteaccess.session.';
const CLAIM_ITEM = `${ITEMS}claim.`;
const SCREEN_ITEM = `${ITEMS}screen.`;

/** Whose session it is and where it leads: other users' sessions are never shown or resumed. */
export interface SessionPlace {
  readonly user: string;
  readonly deviceId: string;
  readonly endpointId: string;
  /** The id of the page's tab. */
  readonly tab: string;
}

export interface SavedSession {
  readonly claim: ResumeClaim;
  /** What the screen showed, as terminal output; empty if it could not be stored. */
  readonly screen: string;
  /** Offset up to which the screen includes the output. */
  readonly output: number;
}

/**
 * Keeps a session in its window's storage, so that a reload brings it back. Only what was displayed
 * is stored, never what was typed, which may be a password. The storage may be full or forbidden:
 * then a reload brings back less, or nothing.
 */
export class SavedSessions {
  /** @param storage throws if the browser forbids access */
  constructor(
    private readonly storage: () => Storage,
    private readonly place: SessionPlace,
  ) {}

  saveClaim(claim: ResumeClaim | undefined): void {
    if (!claim) return this.forget();
    const { sessionId, seconds, keys } = claim;
    const { user, deviceId, endpointId } = this.place;
    this.write(CLAIM_ITEM, { user, deviceId, endpointId, sessionId, seconds, keys });
  }

  saveScreen({ sessionId }: ResumeClaim, screen: string, output: number): void {
    if (this.write(SCREEN_ITEM, { sessionId, screen, output })) return;
    // An older screen would not match what the service sends.
    this.remove(SCREEN_ITEM);
  }

  /** @returns `undefined` if this user has none for this endpoint */
  read(): SavedSession | undefined {
    const saved = this.parse(CLAIM_ITEM);
    const { user, deviceId, endpointId } = this.place;
    const isHere =
      saved['user'] === user &&
      saved['deviceId'] === deviceId &&
      saved['endpointId'] === endpointId;
    const { sessionId, seconds, keys } = saved;
    if (!isHere || typeof sessionId !== 'string' || typeof seconds !== 'number') {
      // This includes what another user left behind in this tab.
      if (saved['user'] !== user) this.forget();
      return undefined;
    }
    if (!Array.isArray(keys) || !keys.every(isResumeKey)) return undefined;
    const claim = new ResumeClaim(sessionId, seconds, keys);
    const { sessionId: shownId, screen, output } = this.parse(SCREEN_ITEM);
    const isShown =
      shownId === sessionId && typeof screen === 'string' && Number.isSafeInteger(output);
    return isShown ? { claim, screen, output: output as number } : { claim, screen: '', output: 0 };
  }

  forget(): void {
    this.remove(CLAIM_ITEM);
    this.remove(SCREEN_ITEM);
  }

  private write(item: string, value: object): boolean {
    try {
      this.storage().setItem(item + this.place.tab, JSON.stringify(value));
      return true;
    } catch {
      return false;
    }
  }

  private remove(item: string): void {
    try {
      this.storage().removeItem(item + this.place.tab);
    } catch {
      // If nothing can be removed, nothing was stored.
    }
  }

  private parse(item: string): Readonly<Record<string, unknown>> {
    try {
      return Object(JSON.parse(this.storage().getItem(item + this.place.tab) ?? '{}')) as Record<
        string,
        unknown
      >;
    } catch {
      return {};
    }
  }
}

/** Removes the sessions of all tabs: this window has a copy of another window's storage. */
export function forgetSessions(storage: () => Storage): void {
  try {
    const items = storage();
    const names = Array.from({ length: items.length }, (_, index) => items.key(index));
    for (const name of names) if (name?.startsWith(ITEMS)) items.removeItem(name);
  } catch {
    // If nothing can be removed, nothing was stored.
  }
}

const LOCK_ATTEMPTS = 5;
const LOCK_PAUSE_MS = 100;

/**
 * Reserves a session, or all sessions of a page, for this window: a duplicated window has a copy of
 * the storage, and would take the sessions away from the original.
 * @returns a function that releases them; `undefined` if another window has reserved them
 */
export async function holdSession(id: string): Promise<(() => void) | undefined> {
  // Pages served without TLS cannot use locks.
  if (!navigator.locks) return () => undefined;
  for (let attempt = 0; attempt < LOCK_ATTEMPTS; attempt += 1) {
    const release = await lockOf(ITEMS + id);
    if (release) return release;
    // The document from before a reload may still hold the lock.
    await new Promise(resolve => setTimeout(resolve, LOCK_PAUSE_MS));
  }
  return undefined;
}

function lockOf(name: string): Promise<(() => void) | undefined> {
  return new Promise(resolve => {
    const hold = (lock: Lock | null): Promise<void> | undefined => {
      if (lock) return new Promise<void>(release => resolve(release));
      resolve(undefined);
      return undefined;
    };
    navigator.locks.request(name, { ifAvailable: true }, hold).catch(() => resolve(undefined));
  });
}

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
