// The builder drops the polyfills of an application that uses module federation.
import 'zone.js';
import { importProvidersFrom } from '@angular/core';
import { bootstrapApplication } from '@angular/platform-browser';
import { provideAnimations } from '@angular/platform-browser/animations';
import { getCurrentContextPath, type BootstrapMetaData } from '@c8y/bootstrap';
import {
  BootstrapComponent,
  CoreModule,
  provideBootstrapMetadata,
  RouterModule,
} from '@c8y/ngx-components';
import { administrationProviders } from './app/administration';
import { deviceManagementProviders } from './app/device-management';

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
