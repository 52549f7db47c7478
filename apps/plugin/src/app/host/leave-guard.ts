/** A page that may hold what would be lost. */
export interface LeavablePage {
  mayLeave(): Promise<boolean>;
}

/** Asks a page of the application before the router takes it away. */
export function leaveGuard(page: LeavablePage): Promise<boolean> {
  return page.mayLeave();
}
