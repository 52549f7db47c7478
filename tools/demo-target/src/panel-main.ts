import { startSmallVncServer } from './small-vnc-server';
import { hasXPanel, startXPanel } from './x-panel';

/** Runs the panel until it is told to stop; who started it reads where it is from its message. */
async function main(): Promise<void> {
  const panel = await (hasXPanel() ? startXPanel() : startSmallVncServer());
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    panel.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop).on('SIGINT', stop).on('disconnect', stop);
  const { kind, port, password } = panel;
  process.send?.({ kind, port, password });
  console.log(`ready: ${kind}, on 127.0.0.1:${port}`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
