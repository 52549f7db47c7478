import { existsSync } from 'node:fs';
import { startSmallTelnetServer } from './small-telnet-server';
import { startSystemTelnetd } from './system-telnetd';

/** Where Debian puts it. */
const TELNETD = process.env['TELNETD'] || '/usr/sbin/telnetd';

/** Runs the controller until it is told to stop; who started it reads where it is from its message. */
async function main(): Promise<void> {
  const controller = await (existsSync(TELNETD)
    ? startSystemTelnetd(TELNETD)
    : startSmallTelnetServer());
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    controller.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop).on('SIGINT', stop).on('disconnect', stop);
  const { kind, port } = controller;
  process.send?.({ kind, port });
  console.log(`ready: ${kind}, on 127.0.0.1:${port}`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
