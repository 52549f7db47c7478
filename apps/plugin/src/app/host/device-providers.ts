import { hookRoute, ViewContext } from '@c8y/ngx-components';
import { leaveGuard } from './leave-guard';
import { gettext } from '../ui/words';
import { FileCalls } from './file-calls';
import { gatewayGuard } from './gateway-guard';
import { PlatformCalls } from './platform-calls';
import { SdkPlatformCalls } from './sdk-platform-calls';

/** What Device Management gets: the tab Remote access, and the sessions behind its links. */
export const remoteAccessDeviceProviders = [
  { provide: PlatformCalls, useExisting: SdkPlatformCalls },
  { provide: FileCalls, useExisting: SdkPlatformCalls },
  hookRoute([
    {
      context: ViewContext.Device,
      path: 'remote-access',
      label: gettext('Remote access'),
      icon: 'terminal',
      priority: 300,
      canActivate: [gatewayGuard],
      loadComponent: () =>
        import('../endpoints/endpoints-page.component').then(
          module => module.EndpointsPageComponent,
        ),
    },
    {
      // No tab of its own: the address of a session can be shared and opened in a new window.
      context: ViewContext.Device,
      path: 'remote-access/:endpointId',
      tabs: [],
      canActivate: [gatewayGuard],
      canDeactivate: [leaveGuard],
      loadComponent: () =>
        import('../session/session-page.component').then(module => module.SessionPageComponent),
    },
  ]),
];
