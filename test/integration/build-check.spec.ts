import { execFile } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder } from '@remote-access/testkit';
import { copyRepository } from '../fixtures/repository-copy';

const scratch = temporaryFolder('build');
beforeAll(() => copyRepository(scratch.path), 60_000);
afterAll(() => scratch.remove());

const path = (...parts: string[]): string => join(scratch.path, ...parts);
const check = () =>
  promisify(execFile)(process.execPath, [path('tools', 'build.mjs'), '--check', 'node']);
const refused = expect.objectContaining({
  code: 1,
  stderr: expect.stringMatching(/differs from its sources.*\nRun `npm run build`/),
});

it('accepts programs that were built from these sources', async () => {
  await expect(check()).resolves.toMatchObject({ stderr: '' });
});

it.each([
  ['a source changed', ['libs', 'streams', 'src', 'index.ts']],
  ['an output was edited', ['apps', 'agent', 'dist', 'main.js']],
  ['an output was added', ['apps', 'agent', 'dist', 'old.js']],
])('says what to do when %s', async (_what, parts) => {
  const file = path(...parts);
  const before = existsSync(file) ? readFileSync(file) : undefined;
  writeFileSync(file, `${before?.toString() ?? ''}\n`);
  await expect(check()).rejects.toEqual(refused);
  if (before) writeFileSync(file, before);
  else rmSync(file);
  await expect(check()).resolves.toMatchObject({ stderr: '' });
});
