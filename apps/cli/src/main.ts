import { run } from './program';

const separator = process.argv.indexOf('--', 2);
const end = separator < 0 ? process.argv.length : separator;

// A second signal ends the program at once.
const interrupted = (): Promise<void> =>
  new Promise(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.once(signal, () => resolve());
  });

void run(process.argv.slice(2, end), {
  env: process.env,
  stdin: process.stdin,
  streams: { stdout: process.stdout, stderr: process.stderr },
  foreignArgs: process.argv.slice(end + 1),
  interrupted,
}).then(code => {
  process.exitCode = code;
});
