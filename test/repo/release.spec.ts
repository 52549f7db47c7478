import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { read } from './repository';

const ROOT = join(__dirname, '..', '..');

/** Runs the tool's function in Node, because tests are CommonJS and tools are ES modules. */
function dated(changelog: string, version: string, date: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'release-'));
  const file = join(folder, 'changelog.md');
  writeFileSync(file, changelog);
  const script =
    "import { dated } from './tools/release.mjs';" +
    "import { readFileSync } from 'node:fs';" +
    'const [file, version, date] = process.argv.slice(-3);' +
    "process.stdout.write(dated(readFileSync(file, 'utf8'), version, date));";
  try {
    const args = ['--input-type=module', '--eval', script, '--', file, version, date];
    return execFileSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('npm run release', () => {
  it('dates the unreleased changes and leaves an empty section for the next ones', () => {
    const before =
      '# Changelog\n\n## [Unreleased]\n\n### Added\n\n- New.\n\n## [0.1.0] - 2026-01-01\n';
    expect(dated(before, '0.2.0', '2026-12-01')).toBe(
      '# Changelog\n\n## [Unreleased]\n\n## [0.2.0] - 2026-12-01\n\n### Added\n\n- New.\n\n## [0.1.0] - 2026-01-01\n',
    );
  });

  it('refuses a release without changes', () => {
    const empty = '# Changelog\n\n## [Unreleased]\n\n## [0.1.0] - 2026-01-01\n\n### Added\n';
    expect(() => dated(empty, '0.2.0', '2026-12-01')).toThrow('no unreleased changes');
  });

  it('finds its section in our changelog', () => {
    expect(dated(read('CHANGELOG.md'), '9.9.9', '2026-12-01')).toContain('## [9.9.9] - 2026-12-01');
  });
});

it('the changelog starts its releases with 0.1.0, newest first', () => {
  const releases = [
    ...read('CHANGELOG.md').matchAll(/^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d\d-\d\d$/gm),
  ];
  const versions = releases.map(([, version = '']) => version);
  expect(versions.at(-1)).toBe('0.1.0');
  const order = versions.map(one =>
    one.split('.').reduce((sum, part) => sum * 1000 + Number(part), 0),
  );
  expect(order).toEqual([...order].sort((left, right) => right - left));
});
