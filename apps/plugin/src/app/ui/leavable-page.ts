import type { ActivatedRouteSnapshot, RouterStateSnapshot } from '@angular/router';

/** A page with something to lose, such as unsaved changes or an open session. */
export interface LeavablePage {
  mayLeave(): Promise<boolean>;
}

/**
 * Asks the page before the router leaves it, but not if another address of the same route follows,
 * such as that of another session: the router then reuses the page.
 */
export function leaveGuard(
  page: LeavablePage,
  { routeConfig }: ActivatedRouteSnapshot,
  _state: RouterStateSnapshot,
  next: RouterStateSnapshot,
): boolean | Promise<boolean> {
  let leaf = next.root;
  while (leaf.firstChild) leaf = leaf.firstChild;
  return leaf.routeConfig === routeConfig || page.mayLeave();
}
