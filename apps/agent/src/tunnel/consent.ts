import { spawn } from 'node:child_process';
import type { ConsentSettings } from '../settings/agent-settings';
import type { Target } from '../targets/target';

/** Longer output is not a reason. */
const MAX_OUTPUT_BYTES = 4 * 1024;

const MAX_REASON_LENGTH = 200;

export interface ConsentRequest {
  readonly target: Target;
  readonly operationId: string;
}

/**
 * Asks the operator's program whether a session may be opened. Of the agent's environment the
 * program receives only the path, so it sees no credentials.
 *
 * @returns why not; `undefined` if it may
 */
export function askForConsent(
  { command: [program = '', ...args], timeoutSeconds }: ConsentSettings,
  { target, operationId }: ConsentRequest,
  signal: AbortSignal,
): Promise<string | undefined> {
  return new Promise(resolve => {
    let output = '';
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'ignore'],
      // Makes its children end with it.
      detached: true,
      env: {
        PATH: process.env['PATH'],
        TARGET_HOST: target.host,
        TARGET_PORT: String(target.port),
        OPERATION_ID: operationId,
      },
    });
    const kill = (): void => {
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // The process ended in the meantime.
      }
    };
    const finish = (reason?: string): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', kill);
      kill();
      resolve(reason);
    };
    const timer = setTimeout(
      () => finish(`the gateway's consent program did not answer within ${timeoutSeconds} s`),
      timeoutSeconds * 1000,
    );
    signal.addEventListener('abort', kill, { once: true });
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (output.length < MAX_OUTPUT_BYTES) output += text;
    });
    child.on('error', cause =>
      finish(`the gateway's consent program could not be started: ${cause.message}`),
    );
    // Not 'close': a child process that it left behind may keep the output open.
    child.once('exit', code => {
      setImmediate(() => finish(code === 0 ? undefined : refusalText(output)));
    });
  });
}

function refusalText(output: string): string {
  const [line = ''] = output.split('\n', 1);
  const reason = line
    .replace(/\p{Cc}/gu, ' ')
    .trim()
    .slice(0, MAX_REASON_LENGTH);
  return reason === '' ? 'the gateway did not consent' : `the gateway did not consent: ${reason}`;
}
