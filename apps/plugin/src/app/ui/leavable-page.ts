/** A page with something to lose, such as unsaved changes or an open session. */
export interface LeavablePage {
  mayLeave(): Promise<boolean>;
}

/** Asks the page before the router leaves it. */
export function leaveGuard(page: LeavablePage): Promise<boolean> {
  return page.mayLeave();
}
