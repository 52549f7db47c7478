import { inject } from '@angular/core';
import type { ActivatedRouteSnapshot } from '@angular/router';
import { isGateway } from '@remote-access/contracts';
import { deviceOfRoute } from '../host/page-context';
import { FileCalls, PlatformCalls, StreamCalls } from '../host/platform-calls';
import { hookNavigator, hookRoute, NavigatorNode, ViewContext } from '../host/sdk';
import { SdkPlatformCalls } from '../host/sdk-platform-calls';
import { HeadStarts } from '../session/connection/head-starts';
import { sessionGuard } from '../tabs/session-guard';
import { gettext } from '../ui/message';
import { loadSessionPage, preloadSessions } from './session-chunks';

/** Shows the tab on gateways only; the page itself says which permissions a user lacks. */
function gatewayGuard(route: ActivatedRouteSnapshot): boolean {
  const device = deviceOfRoute(route);
  return device !== undefined && isGateway(device);
}

/** Lets a session begin before the page is rendered. */
async function afterHeadStart(): Promise<true> {
  await inject(HeadStarts).pageIsDue();
  return true;
}

/** For Device Management: the tab Remote access, the pages of its sessions, and favourites. */
export const remoteAccessDeviceProviders = [
  { provide: PlatformCalls, useExisting: SdkPlatformCalls },
  { provide: FileCalls, useExisting: SdkPlatformCalls },
  { provide: StreamCalls, useExisting: SdkPlatformCalls },
  hookNavigator(
    new NavigatorNode({
      label: gettext('Favourite endpoints'),
      icon: 'star',
      path: '/favourite-endpoints',
      priority: 20,
    }),
  ),
  hookRoute([
    {
      path: 'favourite-endpoints',
      loadComponent: () =>
        import('../favourites/favourites-page.component').then(
          module => module.FavouritesPageComponent,
        ),
    },
    {
      context: ViewContext.Device,
      path: 'remote-access',
      label: gettext('Remote access'),
      icon: 'terminal',
      priority: 300,
      canActivate: [gatewayGuard],
      loadComponent: () =>
        import('../endpoints/list/endpoints-page.component').then(module => {
          preloadSessions();
          return module.EndpointsPageComponent;
        }),
    },
    {
      // Without a tab: the address of a session can be shared and opened in a new window.
      context: ViewContext.Device,
      path: 'remote-access/:endpointId',
      tabs: [],
      canActivate: [gatewayGuard, afterHeadStart],
      canDeactivate: [sessionGuard],
      loadComponent: () => loadSessionPage().then(module => module.SessionPageComponent),
    },
    {
      context: ViewContext.Device,
      path: 'remote-access/:endpointId/watch/:sessionId',
      tabs: [],
      canActivate: [gatewayGuard],
      loadComponent: () =>
        import('../watching/watch-page.component').then(module => module.WatchPageComponent),
    },
  ]),
];
