// The builder drops the polyfills of an application that uses module federation.
import 'zone.js';
import { bootstrapApplication } from '@angular/platform-browser';
import { getCurrentContextPath, type BootstrapMetaData } from '@c8y/bootstrap';
import { BootstrapComponent, provideBootstrapMetadata } from '@c8y/ngx-components';
import { administrationProviders } from './app/administration';
import { deviceManagementProviders } from './app/device-management';
import { hostProviders } from './app/host';

/** Starts the application that the context path names: both are one build. */
export function bootstrap(metadata: BootstrapMetaData) {
  const application =
    getCurrentContextPath(metadata.options) === 'administration'
      ? administrationProviders
      : deviceManagementProviders;
  return bootstrapApplication(BootstrapComponent, {
    providers: [...hostProviders, ...application, ...provideBootstrapMetadata(metadata)],
  });
}
