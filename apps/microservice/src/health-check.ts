import { get } from 'node:http';

/** Docker aborts a check that exceeds its own deadline, which is a second later. */
const TIMEOUT_MS = 4_000;

/** The program run by the image's HEALTHCHECK: exits with 0 if the service answers. */
const port = process.env['SERVER_PORT'] || '80';
const request = get(
  { host: '127.0.0.1', port, path: '/health/liveness', timeout: TIMEOUT_MS },
  response => {
    response.resume();
    process.exitCode = response.statusCode === 200 ? 0 : 1;
  },
);
request.on('timeout', () => request.destroy(new Error('no answer')));
request.on('error', ({ message }) => {
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
});
