import { SettingsError } from '@remote-access/settings';
import { startMicroservice } from './index';

/** The process exits after this time even if sessions are still open. */
const STOP_DEADLINE_MS = 10_000;

async function main(): Promise<void> {
  const microservice = await startMicroservice(process.env);
  process.stdout.write(`${JSON.stringify({ message: 'ready', url: microservice.url })}\n`);

  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), STOP_DEADLINE_MS).unref();
    microservice.stop().then(() => process.exit(0), fail);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  // A parent process with an IPC channel has ended.
  process.on('disconnect', stop);
}

function fail(error: unknown): void {
  const expected = error instanceof SettingsError;
  const text = error instanceof Error ? (!expected && error.stack) || error.message : String(error);
  process.stderr.write(`${text}\n`);
  process.exit(1);
}

main().catch(fail);
