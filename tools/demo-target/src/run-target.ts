interface Target {
  /** The description that `npm start` prints. */
  readonly kind: string;
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Runs a target until a signal or a disconnect stops it. A stop during startup waits until startup
 * has finished, so that nothing is left behind. The parent process receives the target in a
 * message.
 *
 * @param start receives the port that is reserved for it, if any
 */
export function runTarget(start: (port?: number) => Promise<Target>): void {
  const started = start(Number(process.env['PORT']) || undefined);
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    started.then(target => target.stop()).then(() => process.exit(0), fail);
  };
  process.on('SIGTERM', stop).on('SIGINT', stop).on('disconnect', stop);
  started.then(target => {
    if (stopping) return;
    // Sent as JSON, so without its functions.
    process.send?.(target);
    console.log(`ready: ${target.kind}, on 127.0.0.1:${target.port}`);
  }, fail);
}

function fail(error: unknown): void {
  console.error(error);
  process.exit(1);
}
