import { renameSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { pathToFileURL } from 'node:url';
import { REPOSITORY } from './repository.mjs';

/**
 * Preloaded into every program of a traced stack (see trace-files.mjs). Coverage starts with the
 * process, because functions compiled before that do not count what runs after an `await`. On
 * SIGUSR2, the process writes what has run since the previous signal.
 */
const PROGRAMS = /\/apps\/(?:emulator|microservice|agent)\/dist\/main\.js$/;

const folder = process.env['TRACE_FOLDER'];
if (folder && PROGRAMS.test(process.argv[1] ?? '')) {
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  process.on('SIGUSR2', () => {
    session.post('Profiler.takePreciseCoverage', (error, { result }) => {
      if (error) throw error;
      const ours = result.filter(({ url }) => url.startsWith(pathToFileURL(REPOSITORY).href));
      const file = `${folder}/${process.pid}.json`;
      writeFileSync(`${file}.part`, JSON.stringify(ours));
      renameSync(`${file}.part`, file);
    });
  });
}
