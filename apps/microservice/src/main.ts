import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { SettingsError } from '@remote-access/settings';
import { surviveLostOutput } from '@remote-access/streams';
import { startMicroservice } from './index';

/** 64-bit glibc adapts to freed blocks of at most 32 MiB. */
const FREED_BLOCK_BYTES = 16 * 1024 * 1024;

/** The process exits this long after the grace period, even if sessions are still open. */
const STOP_DEADLINE_MS = 10_000;

async function main(): Promise<void> {
  surviveLostOutput();
  const microservice = await startMicroservice(process.env);
  keepFreedMemory();
  collectGarbage();
  process.stdout.write(`${JSON.stringify({ message: 'ready', url: microservice.url })}\n`);

  let isDraining = false;
  let isStopping = false;
  const stop = (): void => {
    if (isStopping) return;
    isStopping = true;
    setTimeout(() => process.exit(1), STOP_DEADLINE_MS).unref();
    microservice.stop().then(() => process.exit(0), fail);
  };
  // Running sessions get a grace period; a second signal ends it.
  const drain = (): void => {
    if (isDraining) return stop();
    isDraining = true;
    microservice.drain().then(stop, fail);
  };
  process.on('SIGTERM', drain);
  process.on('SIGINT', drain);
  // A parent process with an IPC channel has ended.
  process.on('disconnect', stop);
}

/**
 * Makes glibc keep freed memory of up to 32 MiB for what is allocated next. By default it returns
 * everything over 128 KiB at the end of its heap, and Node allocates 64 KiB for every read of a
 * socket: under load the system then takes back and clears the same pages again and again, which
 * can be a fifth of the CPU time of relaying.
 *
 * It works by freeing a block of which no page was ever used. From then on, glibc expects blocks of
 * this size, and keeps up to twice as much (mallopt(3), `M_MMAP_THRESHOLD`). The block is freed by
 * the next garbage collection. Other C libraries ignore it.
 */
function keepFreedMemory(): void {
  Buffer.allocUnsafeSlow(FREED_BLOCK_BYTES);
}

/**
 * Frees what starting took, a tenth of an idle service's memory. With the options of
 * docs/operations.md V8 would keep it, because it collects no garbage before sessions arrive. This
 * takes a tenth of a second, in which nobody is connected yet.
 */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options: object) => void;
  setFlagsFromString('--no-expose-gc');
  collect({ type: 'major', flavor: 'last-resort' });
}

function fail(error: unknown): void {
  const expected = error instanceof SettingsError;
  const text = error instanceof Error ? (!expected && error.stack) || error.message : String(error);
  process.stderr.write(`${text}\n`);
  process.exit(1);
}

main().catch(fail);
