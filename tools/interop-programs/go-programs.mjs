import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { CliError } from '../cli-error.mjs';
import { inRepository } from '../repository.mjs';

/** From `pkg/cmd/root` of its repository; the module's own name ends in /v2. */
const GO_C8Y_CLI = 'github.com/reubenmiller/go-c8y-cli/v2/cmd/c8y@v2.54.1';

const FOLDER = inRepository('.cache', 'go');

/** For downloading and building; a proxy that refuses responds immediately. */
const TIMEOUT_MS = 600_000;

/**
 * The program `c8y` of go-c8y-cli: from GO_C8Y_CLI, or built with the Go module proxy.
 *
 * @returns {string | undefined} `undefined` if the proxy does not serve it, or Go is not installed
 * @throws {CliError} if GO_C8Y_CLI names no file
 */
export function goC8yCli() {
  const given = process.env['GO_C8Y_CLI'];
  if (given) {
    if (existsSync(given)) return given;
    throw new CliError(`GO_C8Y_CLI=${given}: there is no such file.`);
  }
  const built = `${FOLDER}/c8y`;
  if (existsSync(built)) return built;
  const env = { ...process.env, GOBIN: FOLDER, GOFLAGS: '-trimpath' };
  spawnSync('go', ['install', GO_C8Y_CLI], { env, stdio: 'ignore', timeout: TIMEOUT_MS });
  return existsSync(built) ? built : undefined;
}
