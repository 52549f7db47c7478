interface Target {
  /** What it is, for the person at the terminal. */
  readonly kind: string;
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Runs a target until it is told to stop, also while it is still starting: what it has started by then
 * would stay. Who started this process reads where the target is from its message.
 *
 * @param start gets the port that is kept free for it, if one is
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
    // As JSON, that is, without its functions.
    process.send?.(target);
    console.log(`ready: ${target.kind}, on 127.0.0.1:${target.port}`);
  }, fail);
}

function fail(error: unknown): void {
  console.error(error);
  process.exit(1);
}
