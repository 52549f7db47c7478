import './node-version.mjs';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { refuseArguments, reportAndFail } from './cli-error.mjs';
import { REPOSITORY } from './repository.mjs';

/** Created by builds, tests and runs. node_modules is kept; `npm ci` replaces it. */
const LEFT_BEHIND = /^(dist|\.angular|\.cache|\.stack|coverage|test-results|.*\.tsbuildinfo)$/;

/** @param {string} folder */
function clean(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (LEFT_BEHIND.test(entry.name)) rmSync(path, { recursive: true });
    else if (entry.isDirectory() && !/^(node_modules|\.git)$/.test(entry.name)) clean(path);
  }
}

try {
  refuseArguments('npm run clean\n\nRemoves everything that builds, tests and runs have created.');
  clean(REPOSITORY);
} catch (error) {
  reportAndFail(error);
}
