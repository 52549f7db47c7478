/** An application object of the platform. */
export interface Application {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly contextPath: string;
  readonly type: 'HOSTED' | 'MICROSERVICE';
  readonly availability: 'MARKET' | 'PRIVATE';
  /** The federated plugins that the shell loads, by context path. */
  readonly config?: { readonly remotes: Readonly<Record<string, readonly string[]>> };
  /** The category of tenant options whose credentials the application may read in plain text. */
  readonly settingsCategory?: string;
}

/** The applications that every tenant is subscribed to. */
export const APPLICATIONS: readonly Application[] = [
  {
    id: '11',
    key: 'devicemanagement-application-key',
    name: 'Device Management',
    contextPath: 'devicemanagement',
    type: 'HOSTED',
    availability: 'MARKET',
    config: { remotes: { 'remote-access-plugin': ['remoteAccessDeviceProviders'] } },
  },
  {
    id: '12',
    key: 'administration-application-key',
    name: 'Administration',
    contextPath: 'administration',
    type: 'HOSTED',
    availability: 'MARKET',
    config: { remotes: { 'remote-access-plugin': ['remoteAccessSettingsProviders'] } },
  },
  {
    id: '13',
    key: 'remote-access-plugin-key',
    name: 'Remote access plugin',
    contextPath: 'remote-access-plugin',
    type: 'HOSTED',
    availability: 'MARKET',
  },
  {
    id: '14',
    key: 'cloud-remote-access-key',
    name: 'cloud-remote-access',
    contextPath: 'remoteaccess',
    type: 'MICROSERVICE',
    availability: 'MARKET',
    settingsCategory: 'remoteaccess',
  },
];
