/** A page that may have something to lose. */
export interface LeavablePage {
  mayLeave(): boolean | Promise<boolean>;
}

/** Asks before a page of the application is left while its session is under way. */
export function leaveGuard(page: LeavablePage): boolean | Promise<boolean> {
  return page.mayLeave();
}
