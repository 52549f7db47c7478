import { PLATFORM, type Application } from '../store/applications';
import type { Store } from '../store/store';

/** The shell, and the permission to host microservices. Every tenant is subscribed. */
const ALWAYS: readonly Application[] = [
  {
    id: '11',
    key: 'devicemanagement-application-key',
    name: 'Device Management',
    contextPath: 'devicemanagement',
    type: 'HOSTED',
    availability: 'MARKET',
    owner: PLATFORM,
  },
  {
    id: '12',
    key: 'administration-application-key',
    name: 'Administration',
    contextPath: 'administration',
    type: 'HOSTED',
    availability: 'MARKET',
    owner: PLATFORM,
  },
  {
    id: '15',
    key: 'feature-microservice-hosting-key',
    name: 'feature-microservice-hosting',
    contextPath: 'feature-microservice-hosting',
    type: 'MICROSERVICE',
    availability: 'MARKET',
    owner: PLATFORM,
  },
];

/** Remote access as a part of the platform, as set up by `npm start`. */
const REMOTE_ACCESS: readonly Application[] = [
  {
    id: '13',
    key: 'remote-access-plugin-key',
    name: 'Remote access plugin',
    contextPath: 'remote-access-plugin',
    type: 'HOSTED',
    availability: 'MARKET',
    owner: PLATFORM,
    // As the platform stores it for an uploaded plugin: applications load it, nobody opens it
    // directly.
    manifest: { isPackage: true, noAppSwitcher: true },
  },
  {
    id: '14',
    key: 'cloud-remote-access-key',
    name: 'cloud-remote-access',
    contextPath: 'remoteaccess',
    type: 'MICROSERVICE',
    availability: 'MARKET',
    owner: PLATFORM,
    settingsCategory: 'remoteaccess',
  },
];

/** The plugin that the two applications load. */
const REMOTES = {
  devicemanagement: { 'remote-access-plugin': ['remoteAccessDeviceProviders'] },
  administration: { 'remote-access-plugin': ['remoteAccessSettingsProviders'] },
} as const;

/**
 * Adds the platform's applications that the store does not have yet.
 *
 * @param bare whether remote access is left out, to be deployed later
 */
export function seedApplications({ applications }: Store, bare: boolean): void {
  for (const application of bare ? ALWAYS : [...ALWAYS, ...REMOTE_ACCESS]) {
    if (applications.get(application.id)) continue;
    const remotes = REMOTES[application.contextPath as keyof typeof REMOTES];
    applications.put({
      ...application,
      ...(remotes && !bare && { config: { remotes } }),
      ...(application.contextPath === 'remoteaccess' && { subscribers: ['t1001', 't1002'] }),
    });
  }
}
