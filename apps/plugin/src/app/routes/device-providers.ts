import { inject } from '@angular/core';
import type { ActivatedRouteSnapshot } from '@angular/router';
import { isGateway } from '@remote-access/contracts';
import { whenIdle } from '../ui/when-idle';
import { deviceOfRoute } from '../host/page-context';
import { FileCalls, PlatformCalls, StreamCalls } from '../host/platform-calls';
import { hookNavigator, hookRoute, NavigatorNode, ViewContext } from '../host/sdk';
import { SdkPlatformCalls } from '../host/sdk-platform-calls';
import { HeadStarts } from '../session/connection/head-starts';
import { leaveGuard } from '../ui/leavable-page';
import { gettext } from '../ui/message';

const loadSessionPage = () => import('../tabs/session-page.component');

/**
 * Loads what a session needs while the user looks at the list of endpoints, so that after a click
 * only the session itself takes time. If loading fails now, it is retried, and reported, when
 * needed.
 */
function preloadSessions(): void {
  whenIdle(() => {
    const chunks = [
      loadSessionPage(),
      import('../terminal/xterm-screen').then(({ XtermScreen }) => XtermScreen.prepare()),
      import('../desktop/novnc-screen').then(({ NoVncScreen }) => NoVncScreen.load()),
    ];
    for (const chunk of chunks) chunk.catch(() => undefined);
  });
}

/** Shows the tab on gateways only; the page itself says which permissions a user lacks. */
function gatewayGuard(route: ActivatedRouteSnapshot): boolean {
  const device = deviceOfRoute(route);
  return device !== undefined && isGateway(device);
}

/** Lets a session begin before the page is rendered. */
async function afterHeadStart(): Promise<true> {
  const hasBegun = await inject(HeadStarts).pageIsDue();
  // Removing the focused button would make the browser compute the styles of a page of which half
  // is there.
  if (hasBegun && document.activeElement instanceof HTMLElement) document.activeElement.blur();
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
      canDeactivate: [leaveGuard],
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
