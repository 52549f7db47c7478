import { SettingsError } from '@remote-access/settings';
import { surviveLostOutput } from '@remote-access/streams';
import { portRefusal, readCommandLine, USAGE } from './command-line';
import { Emulator } from './emulator';
import { DataFileError } from './store/data-file';
import { sandboxProblem } from './uploads/hosted-service';

async function main(): Promise<void> {
  surviveLostOutput();
  if (process.argv.includes('--help')) {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  const options = readCommandLine(process.argv.slice(2), process.env);
  const problem = options.runUploads ? sandboxProblem(process.env) : undefined;
  if (problem !== undefined) throw new SettingsError([problem]);
  const emulator = await Emulator.start(options).catch((cause: unknown) =>
    fail(portRefusal(options, cause) ?? cause),
  );
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    emulator.stop().then(
      () => process.exit(0),
      (cause: unknown) => fail(cause),
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('disconnect', stop);
  report(emulator);
}

/** Announces that the emulator is ready; secrets must not end up in a parent process's log file. */
function report(emulator: Emulator): void {
  const { url, httpsUrl, mqttUrl, mqttsUrl, caPath, password } = emulator;
  const ready = {
    ready: `${url}/`,
    ...(httpsUrl !== undefined && { https: `${httpsUrl}/` }),
    ...(mqttUrl !== undefined && { mqtt: mqttUrl }),
    ...(mqttsUrl !== undefined && { mqtts: mqttsUrl }),
    ...(caPath !== undefined && { ca: caPath }),
  };
  const secrets = { password, signIn: emulator.newSignInLink('engineer') };
  const toParent = process.send !== undefined;
  process.stdout.write(`${JSON.stringify(toParent ? ready : { ...ready, ...secrets })}\n`);
  process.send?.({ ...ready, ...secrets });
}

function fail(cause: unknown): never {
  process.stderr.write(`${sentenceFor(cause)}\n`);
  process.exit(1);
}

function sentenceFor(cause: unknown): string {
  if (cause instanceof SettingsError || cause instanceof DataFileError) return cause.message;
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
}

main().catch(fail);
