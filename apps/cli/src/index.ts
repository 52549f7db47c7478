import { Writable } from 'node:stream';
import { createProgram } from './program';
import { referencePage } from './reference/reference-page';

/** The content of docs/command-line.md. */
export function commandLinePage(): string {
  const sink = new Writable({ write: (_chunk, _encoding, done) => done() });
  const program = createProgram({
    env: {},
    stdin: process.stdin,
    streams: { stdout: sink, stderr: sink },
    foreignArgs: [],
    interrupted: () => Promise.resolve(),
  });
  return referencePage(program);
}
