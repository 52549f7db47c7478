import { hookNavigator, hookRoute, NavigatorNode } from '@c8y/ngx-components';
import { gettext } from '../ui/words';
import { FileCalls } from './file-calls';
import { leaveGuard } from './leave-guard';
import { PlatformCalls } from './platform-calls';
import { SdkPlatformCalls } from './sdk-platform-calls';

/** What Administration gets: the page Settings → Remote access. */
export const remoteAccessSettingsProviders = [
  { provide: PlatformCalls, useExisting: SdkPlatformCalls },
  { provide: FileCalls, useExisting: SdkPlatformCalls },
  hookNavigator(
    new NavigatorNode({
      label: gettext('Remote access'),
      icon: 'terminal',
      path: '/remote-access-settings',
      parent: 'Settings',
      priority: 50,
    }),
  ),
  hookRoute({
    path: 'remote-access-settings',
    canDeactivate: [leaveGuard],
    loadComponent: () =>
      import('../settings/settings-page.component').then(module => module.SettingsPageComponent),
  }),
];
