// Modules that the host shares with plugins, by name. The official list of packages shares every
// entry point of ngx-components and takes three times as long to build. @c8y/bootstrap cannot be
// shared, because main.ts imports it before the shared modules are resolved.
const sharedModules = [
  '@angular/animations',
  '@angular/cdk/a11y',
  '@angular/common',
  '@angular/common/http',
  '@angular/core',
  '@angular/core/rxjs-interop',
  '@angular/forms',
  '@angular/platform-browser',
  '@angular/platform-browser/animations',
  '@angular/router',
  '@c8y/client',
  '@c8y/ngx-components',
  '@c8y/ngx-components/gettext',
  '@ngx-translate/core',
  'ngx-bootstrap/collapse',
  'ngx-bootstrap/dropdown',
  'ngx-bootstrap/modal',
  'ngx-bootstrap/popover',
  'ngx-bootstrap/tooltip',
  'rxjs',
  'rxjs/operators',
];

export default {
  runTime: {
    name: 'Device Management',
    contextPath: 'devicemanagement',
    key: 'devicemanagement-application-key',
    version: '0.1.0',
    description: 'Minimal host for local use and browser tests',
    tabsHorizontal: true,
    breadcrumbs: true,
    rightDrawer: true,
    darkThemeAvailable: true,
    hidePowered: true,
  },
  buildTime: {
    skipMonacoLanguageSupport: true,
    extraWebpackConfig: '../../tools/production-build.cjs',
    federation: Object.fromEntries(
      sharedModules.map(name => [name, { singleton: true, requiredVersion: false, version: '0' }]),
    ),
  },
};
