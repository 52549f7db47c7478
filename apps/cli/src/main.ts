import { EXIT_CODES } from './failures/failure';
import { run } from './program';

const separator = process.argv.indexOf('--', 2);
const end = separator < 0 ? process.argv.length : separator;

// A second signal ends the program at once.
const interrupted = (): Promise<void> =>
  new Promise(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.once(signal, () => resolve());
  });

// Node would end the process with a stack trace, and with it every forwarded connection.
let unwritten: string | undefined;
process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
  // The reader of a pipe has seen enough, as in `remote-access ls | head -1`.
  if (code === 'EPIPE' || unwritten !== undefined) return;
  unwritten = code ?? '';
  process.stderr.write(`The output cannot be written: ${unwritten}.\n`);
  process.exitCode = EXIT_CODES.unexpected;
});
process.stderr.on('error', () => undefined);

void run(process.argv.slice(2, end), {
  env: process.env,
  stdin: process.stdin,
  streams: { stdout: process.stdout, stderr: process.stderr },
  foreignArgs: process.argv.slice(end + 1),
  interrupted,
}).then(code => {
  process.exitCode = unwritten === undefined ? code : EXIT_CODES.unexpected;
});
