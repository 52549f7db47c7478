import type { Endpoint } from '@remote-access/contracts';
import type { PlatformCalls } from '../host/platform-calls';
import type { HeadStarts } from './connection/head-starts';
import { ResumeClaim } from './connection/resume-claim';
import { KeptSession, SavedSessions } from './connection/saved-session';
import type { SessionLink } from './connection/session-link';
import type { SessionState } from './connection/session-machine';
import { TicketClient, type AcceptNotice, type TerminalSize } from './connection/ticket-client';
import type { SessionTarget } from './session-target';
import type { SessionViewer } from './session-viewer';

/** What {@link SessionOrigin} needs to know about the session and its page. */
export interface OriginOptions {
  readonly platform: PlatformCalls;
  readonly headStarts: Pick<HeadStarts, 'take'>;
  /** Shows the administrator's notice. */
  readonly accept: AcceptNotice;
  readonly target: SessionTarget;
  readonly user: string;
  /** The id of the page's tab. */
  readonly tab: string;
  /** Whether the tab is visible; the session of a hidden tab may never begin. */
  readonly isShown: boolean;
}

/**
 * Decides how the session of a tab begins: resumed after a reload, taken over from another window,
 * prepared by the click that led here, or new.
 */
export class SessionOrigin {
  readonly tickets: TicketClient;
  readonly kept: KeptSession;
  /** The endpoint as the list showed it, if a click there led here. */
  readonly endpoint: Endpoint | undefined;
  /** Of the terminal, if the ticket names one. */
  readonly size: TerminalSize | undefined;
  /** The session to take over from another window, until that has been requested. */
  private takeOver: string | undefined;
  /** The page is trying to resume a session. */
  private isResuming = false;

  constructor({ platform, headStarts, accept, target, user, tab, isShown }: OriginOptions) {
    const { deviceId, endpointId, watch, takeOver } = target;
    const place = { user, deviceId, endpointId, tab };
    this.kept = new KeptSession(new SavedSessions(() => sessionStorage, place));
    this.takeOver = takeOver;
    // Resuming and taking over need tickets of their own.
    const isNew = !takeOver && !this.isResumable;
    const begun = isNew && !watch ? headStarts.take(deviceId, endpointId, accept) : undefined;
    this.endpoint = begun?.endpoint;
    this.size = begun?.size;
    this.tickets =
      begun?.tickets ?? new TicketClient(platform, accept, deviceId, endpointId, watch);
    if (!begun && isNew && isShown) this.tickets.prepare();
  }

  /** Whether the tab had a session before a reload, which may still be waiting. */
  get isResumable(): boolean {
    return this.kept.read() !== undefined;
  }

  /** Whether a new session begins. Desktops cannot continue in the middle of the output. */
  isNew(viewer: SessionViewer): boolean {
    return !viewer.restore || (!this.takeOver && !this.isResumable);
  }

  /**
   * Takes over or resumes a session. If there is none, or another window has it, a new one begins.
   *
   * @param viewer shows the screen from before the reload
   * @param isObsolete whether the link has been replaced in the meantime
   */
  async resume(
    link: Pick<SessionLink, 'connect' | 'restore'>,
    viewer: Pick<SessionViewer, 'restore'>,
    isObsolete: () => boolean,
  ): Promise<void> {
    if (this.takeOver) {
      const claim = new ResumeClaim(this.takeOver, 0, [], true);
      this.takeOver = undefined;
      this.isResuming = true;
      return link.restore(claim, 0);
    }
    const before = this.kept.read();
    const reservation = before && (await this.kept.hold(before.claim.sessionId));
    if (isObsolete()) return reservation?.giveUp();
    if (!before || !reservation) return link.connect();
    reservation.accept();
    viewer.restore?.(before.screen);
    this.isResuming = true;
    link.restore(before.claim, before.output);
  }

  /**
   * Called with each new state.
   * @returns whether the session that was to be resumed is over
   */
  hasFailed(state: SessionState): boolean {
    if (!this.isResuming || state.phase === 'interrupted') return false;
    this.isResuming = false;
    return state.phase === 'ended' && state.code === 'not-resumed';
  }
}
