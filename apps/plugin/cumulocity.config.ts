import { readFileSync } from 'node:fs';

/** The product's version; the build runs in the plugin's folder. */
const { version } = JSON.parse(readFileSync('../../package.json', 'utf8')) as { version: string };

// Provided by the host. Sharing by name, without a fallback in the plugin, keeps the plugin small
// and its build short. Every Web SDK host shares them, including the shell of this repository.
const hostModules = [
  '@angular/common',
  '@angular/core',
  '@angular/core/rxjs-interop',
  '@angular/forms',
  '@angular/router',
  '@c8y/client',
  '@c8y/ngx-components',
  'ngx-bootstrap/modal',
  'rxjs',
  'rxjs/operators',
];

export default {
  runTime: {
    name: 'Cloud Remote Access',
    contextPath: 'remote-access-plugin',
    key: 'remote-access-plugin-application-key',
    // The Web SDK's builder names what this plugin keeps in the host's window by path and version.
    version,
    description: 'Remote access to machines behind gateways, in the browser',
    package: 'plugin',
    isPackage: true,
    noAppSwitcher: true,
    exports: [
      {
        name: 'Remote access',
        module: 'remoteAccessDeviceProviders',
        path: './src/app/routes/device-providers.ts',
        description: 'The tab Remote access of devices, with its endpoints and sessions',
        scope: 'devicemanagement',
      },
      {
        name: 'Remote access settings',
        module: 'remoteAccessSettingsProviders',
        path: './src/app/routes/settings-providers.ts',
        description: 'The page Remote access under Settings in Administration',
        scope: 'administration',
      },
    ],
    remotes: {
      'remote-access-plugin': ['remoteAccessDeviceProviders', 'remoteAccessSettingsProviders'],
    },
  },
  buildTime: {
    skipMonacoLanguageSupport: true,
    extraWebpackConfig: './webpack.config.cjs',
    federation: Object.fromEntries(
      hostModules.map(name => [name, { singleton: true, import: false, requiredVersion: false }]),
    ),
  },
};
