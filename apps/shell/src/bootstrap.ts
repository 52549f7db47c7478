// The builder drops the polyfills of an application that uses module federation.
import 'zone.js';
import {
  ChangeDetectionStrategy,
  Component,
  importProvidersFrom,
  type EnvironmentProviders,
  type Provider,
} from '@angular/core';
import { bootstrapApplication } from '@angular/platform-browser';
import { provideAnimations } from '@angular/platform-browser/animations';
import { getCurrentContextPath, type BootstrapMetaData } from '@c8y/bootstrap';
import {
  BootstrapComponent,
  C8yTranslatePipe,
  CoreModule,
  EmptyStateComponent,
  hookNavigator,
  hookRoute,
  NavigatorNode,
  provideBootstrapMetadata,
  RouterModule,
  TitleComponent,
} from '@c8y/ngx-components';
import { alarmsDeviceManagementRouteAndNodeConfig } from '@c8y/ngx-components/alarms/devicemanagement';
import { AssetsNavigatorModule } from '@c8y/ngx-components/assets-navigator';
import { ChildDevicesModule } from '@c8y/ngx-components/child-devices';
import { DeviceListModule } from '@c8y/ngx-components/device-list';
import { DeviceShellModule } from '@c8y/ngx-components/device-shell';
import { eventsDeviceManagementProviders } from '@c8y/ngx-components/events/devicemanagement';
import { gettext } from '@c8y/ngx-components/gettext';
import { OperationsModule } from '@c8y/ngx-components/operations';

type Providers = (Provider | EnvironmentProviders)[];

/** The parts of Device Management that lead to a gateway and show what happened on it. */
const deviceManagementProviders: Providers = [
  importProvidersFrom(AssetsNavigatorModule.config({ rootNodePriority: 2000 })),
  importProvidersFrom(DeviceListModule),
  importProvidersFrom(ChildDevicesModule),
  importProvidersFrom(alarmsDeviceManagementRouteAndNodeConfig()),
  ...eventsDeviceManagementProviders,
  importProvidersFrom(OperationsModule),
  importProvidersFrom(DeviceShellModule),
  hookRoute({ path: '', pathMatch: 'full', redirectTo: 'device' }),
];

/** Says that this host is minimal, so that nobody looks for users and tenants here. */
@Component({
  selector: 'shell-administration-home',
  imports: [TitleComponent, EmptyStateComponent, C8yTranslatePipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <c8y-title>{{ 'Administration' | translate }}</c8y-title>
    <c8y-ui-empty-state
      [icon]="'cog'"
      [title]="'Choose a page under Settings' | translate"
      [subtitle]="'This local Administration has only the pages that plugins add.' | translate"
    ></c8y-ui-empty-state>
  `,
})
class AdministrationHomeComponent {}

/** Administration shows only the pages that plugins add. Its own pages are not needed here. */
const administrationProviders: Providers = [
  hookNavigator(
    new NavigatorNode({ label: gettext('Settings'), icon: 'cog', priority: 1000, path: '' }),
  ),
  hookRoute({ path: '', pathMatch: 'full', component: AdministrationHomeComponent }),
];

/** Starts the application that the context path names: both are in one build. */
export function bootstrap(metadata: BootstrapMetaData) {
  const application =
    getCurrentContextPath(metadata.options) === 'administration'
      ? administrationProviders
      : deviceManagementProviders;
  return bootstrapApplication(BootstrapComponent, {
    providers: [
      provideAnimations(),
      importProvidersFrom(RouterModule.forRoot()),
      importProvidersFrom(CoreModule.forRoot()),
      ...application,
      ...provideBootstrapMetadata(metadata),
    ],
  });
}
