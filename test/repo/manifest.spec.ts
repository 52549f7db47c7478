import { OPTION_CATEGORY, ROLES } from '@remote-access/contracts/platform';
import { read, readJson } from './repository';

interface Manifest {
  readonly apiVersion: string;
  readonly name: string;
  readonly contextPath: string;
  readonly isolation: string;
  readonly scale: string;
  readonly billingMode: string;
  readonly provider: { readonly name: string };
  readonly resources: { readonly cpu: string; readonly memory: string };
  readonly settingsCategory: string;
  readonly settings: readonly { key: string; defaultValue: string; editable: boolean }[];
  readonly roles: readonly string[];
  readonly requiredRoles: readonly string[];
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
}

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: number };
  readonly initialDelaySeconds: number;
  readonly periodSeconds: number;
}

const manifest = readJson<Manifest>('cumulocity.json');

// The rules of the validator in the platform's Java SDK, which also validates uploads.
describe('cumulocity.json', () => {
  it('has a name and a path that the platform accepts', () => {
    expect(manifest.apiVersion).toMatch(/^(v1|v2|1|2)$/);
    expect(manifest.name).toMatch(/^[a-z](?:[a-z0-9-]{0,21}[a-z0-9])?$/);
    expect(manifest.contextPath).toMatch(/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/);
    expect(manifest.provider.name).not.toBe('');
  });

  it('has no version: packing takes it from package.json, the only place that defines it', () => {
    const version = /\bversion['"]?: *['"]\d/;
    for (const path of ['cumulocity.json', 'apps/plugin/cumulocity.config.ts']) {
      expect([path, version.test(read(path))]).toEqual([path, false]);
    }
    const { version: ours } = readJson<{ version: string }>('package.json');
    expect(ours).toMatch(/^\d+\.\d+\.\d+$/);
    expect(readJson<{ version: string }>('package-lock.json').version).toBe(ours);
  });

  it('has known modes and resources', () => {
    expect(['MULTI_TENANT', 'PER_TENANT']).toContain(manifest.isolation);
    expect(['NONE', 'AUTO']).toContain(manifest.scale);
    expect(['RESOURCES', 'SUBSCRIPTION']).toContain(manifest.billingMode);
    expect(manifest.resources.cpu).toMatch(/^\d+(?:\.\d+)?m?$/);
    expect(manifest.resources.memory).toMatch(/^\d+[EPTGMK]i?$/);
  });

  it('has settings with a category of letters and a default that is not empty', () => {
    expect(manifest.settingsCategory).toMatch(/^[a-zA-Z]+$/);
    expect(manifest.settingsCategory).toBe(OPTION_CATEGORY);
    const keys = manifest.settings.map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
    for (const { key, defaultValue, editable } of manifest.settings) {
      expect([key, typeof editable]).toEqual([expect.stringMatching(/^[\w.-]+$/), 'boolean']);
      expect([key, defaultValue]).toEqual([key, expect.stringMatching(/^.{1,256}$/)]);
    }
  });

  it('has roles that end with READ or ADMIN', () => {
    for (const role of [...manifest.roles, ...manifest.requiredRoles]) {
      expect(role).toMatch(/^ROLE_[A-Z_]+_(READ|ADMIN|CREATE)$/);
    }
    for (const role of manifest.roles) expect(role).toMatch(/^ROLE_[A-Z_]+_(READ|ADMIN)$/);
    expect(manifest.requiredRoles).toContain(ROLES.optionAdmin);
  });

  it('has probes of a path and a port', () => {
    for (const probe of [manifest.livenessProbe, manifest.readinessProbe]) {
      expect(probe.httpGet).toEqual({ path: expect.stringMatching(/^\//), port: 80 });
      expect(probe.initialDelaySeconds).toBeGreaterThan(0);
      expect(probe.periodSeconds).toBeGreaterThan(0);
    }
  });
});
