import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Emulator } from '@remote-access/emulator';

const ROOT = join(__dirname, '..', '..');
const PASSWORD = 'remote-access';
const run = promisify(execFile);

/** The tasks of tasks.py, in which c8y-api checks the responses. */
const DONE = [
  'sign-in-for-a-token',
  'current-user',
  'current-tenant',
  'users',
  'one-user',
  'disable-user',
  'find-object',
  'find-objects-by-type',
  'find-objects-by-fragment',
  'find-objects-by-name',
  'find-objects-by-query',
  'count-objects',
  'page-through-objects',
  'devices',
  'create-change-and-delete-object',
  'child-devices',
  'child-assets',
  'supported-measurements',
  'find-external-id',
  'external-ids',
  'operations',
  'audit-records',
  'options',
  'applications',
  'alarms',
  'events',
  'microservice-subscriptions',
];

/** The local platform answers 501 to these; see docs/emulator-differences.md. */
const NOT_EMULATED = [
  'create-user',
  'global-roles',
  'inventory-roles',
  'delete-operations',
  'measurements',
  'binaries',
];

// Written for real tenants by people who do not know the local platform.
describe.each([
  ['the local platform', false],
  ['the local platform with required roles', true],
])('c8y-api for Python against %s', (_name, asHosted) => {
  const outcomes = new Map<string, string>();

  beforeAll(async () => {
    await run(process.execPath, [join(ROOT, 'tools', 'interop-programs', 'python-packages.mjs')]);
    const emulator = await Emulator.start({ password: PASSWORD, asHosted });
    try {
      const python = join(ROOT, '.cache', 'python', 'bin', 'python');
      const { stdout } = await run(python, [join(__dirname, 'c8y-api', 'tasks.py')], {
        env: {
          C8Y_BASEURL: emulator.url,
          C8Y_TENANT: 't1001',
          C8Y_USER: 'admin',
          C8Y_PASSWORD: PASSWORD,
        },
      });
      for (const line of stdout.trim().split('\n')) {
        const { task, outcome } = JSON.parse(line) as { task: string; outcome: string };
        outcomes.set(task, outcome);
      }
    } finally {
      await emulator.stop();
    }
    // The first run installs c8y-api.
  }, 240_000);

  it.each(DONE)('%s', task => {
    expect(outcomes.get(task)).toBe('done');
  });

  it.each(NOT_EMULATED)('%s is answered with an honest 501', task => {
    expect(outcomes.get(task)).toMatch(/501[\s\S]*does not emulate/);
  });

  it('has no other tasks', () => {
    expect([...outcomes.keys()].sort()).toEqual([...DONE, ...NOT_EMULATED].sort());
  });
});
