import { inject, Injectable } from '@angular/core';
import { ActivatedRoute, Router } from '@angular/router';
import type { ManagedObject } from '@remote-access/contracts/platform';
import type { SessionTarget } from '../session/session-target';

/** The address of the page, which is that of the active tab. Provided by the page. */
@Injectable()
export class TabAddress {
  private readonly route = inject(ActivatedRoute);
  private readonly router = inject(Router);
  /** Whether this is a pop-up window with nothing but sessions. */
  readonly isPopup = this.route.snapshot.queryParamMap.has('window');
  /** The last address that was handled, set by the page or by the user. */
  private known = '';

  /** Whether the current address was set by the page or has been handled already. */
  get isShown(): boolean {
    const isShown = this.router.url === this.known;
    this.known = this.router.url;
    return isShown;
  }

  /** The target of the address. @param device the device in the address */
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

  /**
   * Taking over a session appears in the address only once: a reload resumes with the session's
   * key.
   */
  show({ deviceId, endpointId, watch }: SessionTarget): void {
    const { queryParams } = this.route.snapshot;
    const tree = this.router.createUrlTree(['/device', deviceId, 'remote-access', endpointId], {
      // Null values are removed from the address.
      queryParams: { ...queryParams, takeOver: null, watch: watch?.sessionId ?? null },
    });
    const url = this.router.serializeUrl(tree);
    if (url === this.known && url === this.router.url) return;
    this.known = url;
    void this.router.navigateByUrl(tree, { replaceUrl: true });
  }
}
