import { importProvidersFrom, type EnvironmentProviders, type Provider } from '@angular/core';
import { provideAnimations } from '@angular/platform-browser/animations';
import { CoreModule, RouterModule } from '@c8y/ngx-components';

/** What both applications stand on. */
export const hostProviders: (Provider | EnvironmentProviders)[] = [
  provideAnimations(),
  importProvidersFrom(RouterModule.forRoot()),
  importProvidersFrom(CoreModule.forRoot()),
];
