import { inject } from '@angular/core';
import type { ActivatedRouteSnapshot } from '@angular/router';
import { ContextRouteService } from '@c8y/ngx-components';
import type { ManagedObject } from '@remote-access/contracts/platform';
import { isGateway } from '../endpoints/gateway';

/** Shows the tab on gateways only; who may use it is told on the page. */
export function gatewayGuard(route: ActivatedRouteSnapshot): boolean {
  const device = inject(ContextRouteService).getContextData(route)?.contextData;
  return device !== undefined && isGateway(device as ManagedObject);
}
