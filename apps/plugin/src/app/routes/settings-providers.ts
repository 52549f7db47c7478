import { FileCalls, PlatformCalls, StreamCalls } from '../host/platform-calls';
import { hookNavigator, hookRoute, NavigatorNode } from '../host/sdk';
import { SdkPlatformCalls } from '../host/sdk-platform-calls';
import { leaveGuard } from '../ui/leavable-page';
import { gettext } from '../ui/message';

/** For Administration: the pages Remote access and Running sessions under Settings. */
export const remoteAccessSettingsProviders = [
  { provide: PlatformCalls, useExisting: SdkPlatformCalls },
  { provide: FileCalls, useExisting: SdkPlatformCalls },
  { provide: StreamCalls, useExisting: SdkPlatformCalls },
  hookNavigator(
    new NavigatorNode({
      label: gettext('Remote access'),
      icon: 'terminal',
      path: '/remote-access-settings',
      parent: 'Settings',
      priority: 50,
    }),
  ),
  hookNavigator(
    new NavigatorNode({
      label: gettext('Running sessions'),
      icon: 'terminal',
      path: '/remote-access-sessions',
      parent: 'Settings',
      priority: 49,
    }),
  ),
  hookRoute({
    path: 'remote-access-sessions',
    loadComponent: () =>
      import('../session-lists/running-sessions.component').then(
        module => module.SessionsPageComponent,
      ),
  }),
  hookRoute({
    path: 'remote-access-settings',
    canDeactivate: [leaveGuard],
    loadComponent: () =>
      import('../settings/settings-page.component').then(module => module.SettingsPageComponent),
  }),
];
