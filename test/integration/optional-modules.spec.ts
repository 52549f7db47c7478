import { execFile } from 'node:child_process';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { requireCurrentBuild } from '../fixtures/program-process';

const ROOT = join(__dirname, '..', '..');

/** The code that only several replicas or traces need, by folder or file. */
const OPTIONAL = [
  'node_modules/@nats-io/transport-node/',
  'apps/microservice/dist/cluster/replica-cluster.js',
  'apps/microservice/dist/tracing/otlp-exporter.js',
  'apps/microservice/dist/tracing/connect-traces.js',
];

/** Nothing listens there. */
const NOWHERE = '127.0.0.1:9';

/** Starts the microservice that was built. @returns the modules that it has loaded */
async function loadedModules(env: Record<string, string>): Promise<string[]> {
  const main = join(ROOT, 'apps', 'microservice', 'dist', 'index.js');
  const script = `
    require(${JSON.stringify(main)}).startMicroservice(process.env).then(service => {
      console.log(JSON.stringify(Object.keys(require.cache)));
      return service.stop();
    }).then(() => process.exit(0));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], {
    env: {
      SERVER_PORT: '0',
      SERVER_HOST: '127.0.0.1',
      LOG_LEVEL: 'error',
      C8Y_BASEURL: `http://${NOWHERE}`,
      C8Y_BOOTSTRAP_TENANT: 'management',
      C8Y_BOOTSTRAP_USER: 'nobody',
      C8Y_BOOTSTRAP_PASSWORD: 'nothing',
      ...env,
    },
    maxBuffer: 2 ** 24,
  });
  const line = stdout.split('\n').find(one => one.startsWith('["'));
  return (JSON.parse(line!) as string[]).map(path => relative(ROOT, path));
}

beforeAll(requireCurrentBuild);

it.each([
  ['no code for replicas or traces unless it is configured', {}, []],
  [
    'the code for replicas with NATS_URL',
    { NATS_URL: `nats://${NOWHERE}` },
    OPTIONAL.filter(path => /nats|cluster/.test(path)),
  ],
  [
    'the code for traces with OTEL_EXPORTER_OTLP_ENDPOINT',
    { OTEL_EXPORTER_OTLP_ENDPOINT: `http://${NOWHERE}` },
    OPTIONAL.filter(path => path.includes('/tracing/')),
  ],
])('the microservice loads %s', async (_what, env, expected) => {
  const loaded = await loadedModules(env);
  const found = OPTIONAL.filter(one => loaded.some(path => path.startsWith(one)));
  expect(found).toEqual(expected);
  const foreign = loaded.filter(path =>
    /node_modules\/(@nats-io\/|@opentelemetry\/(?!api\/))/.test(path),
  );
  expect(foreign.length > 0).toBe('NATS_URL' in env);
});
