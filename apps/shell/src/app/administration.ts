import { type EnvironmentProviders, type Provider } from '@angular/core';
import { hookNavigator, hookRoute, NavigatorNode } from '@c8y/ngx-components';
import { gettext } from '@c8y/ngx-components/gettext';

/** Administration shows only the pages that plugins add. Its own pages are not needed here. */
export const administrationProviders: (Provider | EnvironmentProviders)[] = [
  hookNavigator(
    new NavigatorNode({ label: gettext('Settings'), icon: 'cog', priority: 1000, path: '' }),
  ),
  hookRoute({
    path: '',
    pathMatch: 'full',
    loadComponent: () =>
      import('./administration-home.component').then(module => module.AdministrationHomeComponent),
  }),
];
