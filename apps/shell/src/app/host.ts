import { importProvidersFrom, type EnvironmentProviders, type Provider } from '@angular/core';
import { provideAnimations } from '@angular/platform-browser/animations';
import { CoreModule, RouterModule } from '@c8y/ngx-components';

/** Providers of both applications. */
export const hostProviders: (Provider | EnvironmentProviders)[] = [
  provideAnimations(),
  importProvidersFrom(RouterModule.forRoot()),
  importProvidersFrom(CoreModule.forRoot()),
];
