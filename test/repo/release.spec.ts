import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { read } from './repository';

const ROOT = join(__dirname, '..', '..');

/** Runs a function of the tool in Node, because tests are CommonJS and tools are ES modules. */
function ofTool(name: 'dated' | 'withVersion', text: string, ...others: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'release-'));
  const file = join(folder, 'text');
  writeFileSync(file, text);
  const script =
    "import * as tool from './tools/release.mjs';" +
    "import { readFileSync } from 'node:fs';" +
    'const [name, file, first, second] = process.argv.slice(-4);' +
    "process.stdout.write(tool[name](readFileSync(file, 'utf8'), first, second));";
  try {
    const args = ['--input-type=module', '--eval', script, '--', name, file, ...others];
    return execFileSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const dated = (changelog: string, version: string, date: string): string =>
  ofTool('dated', changelog, version, date);

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

describe('the version', () => {
  const { version } = JSON.parse(read('package.json')) as { version: string };

  it.each([
    ['deploy/compose.yaml', /cloud-remote-access:(?:\$\{VERSION:-)?([\d.]+)/g],
    ['deploy/kubernetes/kustomization.yaml', /newTag: (.+)/g],
    ['docs/commands.md', /cloud-remote-access:([\d.]+)/g],
    ['docs/run-yourself.md', /cloud-remote-access:([\d.]+)/g],
  ])('is repeated by %s, and set there by a release', (path, pattern) => {
    const named = (text: string): string[] =>
      [...text.matchAll(pattern)].map(([, one = '']) => one);
    const text = read(path);
    expect(new Set(named(text))).toEqual(new Set([version]));
    const released = ofTool('withVersion', text, version, '9.9.9');
    expect(new Set(named(released))).toEqual(new Set(['9.9.9']));
    expect(read('tools/release.mjs')).toContain(`'${path}'`);
  });

  it('is replaced only as a whole', () => {
    const text = 'a:0.2.0 10.2.0 0.2.01 0.2.0.1 0x2x0 v0.2.0.';
    expect(ofTool('withVersion', text, '0.2.0', '1.0.0')).toBe(
      'a:1.0.0 10.2.0 0.2.01 0.2.0.1 0x2x0 v1.0.0.',
    );
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
