/** Starts the service without a shell; docs/operations.md explains these V8 options. */
export const ENTRYPOINT = [
  '/usr/local/bin/node',
  '--initial-old-space-size=128',
  '--max-semi-space-size=4',
  'apps/microservice/dist/main.js',
];

export const HEALTH_CHECK = ['/usr/local/bin/node', 'apps/microservice/dist/health-check.js'];

const SECOND_NS = 1_000_000_000;

/**
 * The configuration of the image; the Dockerfile says the same, and a test compares the two.
 *
 * @param {{ version: string, revision: string, created: string }} source
 */
export function imageConfig({ version, revision, created }) {
  return {
    User: '1000:1000',
    WorkingDir: '/app',
    Env: ['PATH=/usr/local/bin', 'NODE_ENV=production'],
    Entrypoint: ENTRYPOINT,
    ExposedPorts: { '80/tcp': {} },
    StopSignal: 'SIGTERM',
    Healthcheck: {
      Test: ['CMD', ...HEALTH_CHECK],
      Interval: 30 * SECOND_NS,
      Timeout: 5 * SECOND_NS,
      StartPeriod: 10 * SECOND_NS,
      Retries: 3,
    },
    Labels: {
      'org.opencontainers.image.title': 'cloud-remote-access',
      'org.opencontainers.image.description':
        'Remote access to machines behind gateways, for Cumulocity',
      'org.opencontainers.image.licenses': 'Apache-2.0',
      'org.opencontainers.image.version': version,
      'org.opencontainers.image.revision': revision,
      'org.opencontainers.image.created': created,
    },
  };
}
