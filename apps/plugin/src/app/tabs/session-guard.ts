import type { ActivatedRouteSnapshot, RouterStateSnapshot } from '@angular/router';
import { type LeavablePage, leaveGuard } from '../ui/leavable-page';

/**
 * Asks before the user leaves the page of sessions. The address of another session leads to a tab
 * of the same page.
 */
export function sessionGuard(
  page: LeavablePage,
  route: ActivatedRouteSnapshot,
  _state: RouterStateSnapshot,
  next: RouterStateSnapshot,
): boolean | Promise<boolean> {
  return leadsTo(route, next.root) || leaveGuard(page);
}

/** Whether a navigation leads to the same page, which the router then reuses. */
function leadsTo(page: ActivatedRouteSnapshot, root: ActivatedRouteSnapshot): boolean {
  let leaf = root;
  while (leaf.firstChild) leaf = leaf.firstChild;
  return leaf.routeConfig === page.routeConfig;
}
