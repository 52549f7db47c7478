import { inject, Injectable } from '@angular/core';
import { ActivatedRoute, Router } from '@angular/router';
import type { ManagedObject } from '@remote-access/contracts/platform';
import type { SessionTarget } from '../session/session-target';

/** The address of the page, which is that of the tab that is used. Provided by the page. */
@Injectable()
export class TabAddress {
  private readonly route = inject(ActivatedRoute);
  private readonly router = inject(Router);
  /** Whether this is a pop-up window with nothing but sessions. */
  readonly isPopup = this.route.snapshot.queryParamMap.has('window');
  /** The address that was shown last, on the page's own account or the user's. */
  private known = '';

  /** Whether the address is one that the page has set, or was told of before. */
  get isShown(): boolean {
    const isShown = this.router.url === this.known;
    this.known = this.router.url;
    return isShown;
  }

  /** Where the address leads. @param device of the address */
  target({ id, name }: Pick<ManagedObject, 'id' | 'name'>): SessionTarget {
    const { paramMap, queryParamMap } = this.route.snapshot;
    const [watch, takeOver] = [queryParamMap.get('watch'), queryParamMap.get('takeOver')];
    return {
      deviceId: id,
      gateway: name ?? id,
      endpointId: paramMap.get('endpointId') ?? '',
      ...(watch !== null && { watch: { sessionId: watch } }),
      ...(takeOver !== null && { takeOver }),
    };
  }

  /** A session that is taken over is named only once: a reload goes on with the session's key. */
  show({ deviceId, endpointId, watch }: SessionTarget): void {
    const { queryParams } = this.route.snapshot;
    const tree = this.router.createUrlTree(['/device', deviceId, 'remote-access', endpointId], {
      // What is null is left out.
      queryParams: { ...queryParams, takeOver: null, watch: watch?.sessionId ?? null },
    });
    const url = this.router.serializeUrl(tree);
    if (url === this.known && url === this.router.url) return;
    this.known = url;
    void this.router.navigateByUrl(tree, { replaceUrl: true });
  }
}
