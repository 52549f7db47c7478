import { importProvidersFrom, type EnvironmentProviders, type Provider } from '@angular/core';
import { alarmsDeviceManagementRouteAndNodeConfig } from '@c8y/ngx-components/alarms/devicemanagement';
import { AssetsNavigatorModule } from '@c8y/ngx-components/assets-navigator';
import { hookRoute } from '@c8y/ngx-components';
import { ChildDevicesModule } from '@c8y/ngx-components/child-devices';
import { DeviceListModule } from '@c8y/ngx-components/device-list';
import { DeviceShellModule } from '@c8y/ngx-components/device-shell';
import { eventsDeviceManagementProviders } from '@c8y/ngx-components/events/devicemanagement';
import { OperationsModule } from '@c8y/ngx-components/operations';

/** The parts of Device Management that lead to a gateway and show what happened on it. */
export const deviceManagementProviders: (Provider | EnvironmentProviders)[] = [
  importProvidersFrom(AssetsNavigatorModule.config({ rootNodePriority: 2000 })),
  importProvidersFrom(DeviceListModule),
  importProvidersFrom(ChildDevicesModule),
  importProvidersFrom(alarmsDeviceManagementRouteAndNodeConfig()),
  ...eventsDeviceManagementProviders,
  importProvidersFrom(OperationsModule),
  importProvidersFrom(DeviceShellModule),
  hookRoute({ path: '', pathMatch: 'full', redirectTo: 'device' }),
];
