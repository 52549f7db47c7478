import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFolder } from '@remote-access/testkit';
import { ROOT } from '../fixtures/archives';

jest.setTimeout(120_000);

/** What the release changes, and its own code; packing is replaced. */
const FILES = [
  ...['package.json', 'package-lock.json', 'CHANGELOG.md', 'deploy/compose.yaml'],
  ...['deploy/kubernetes/kustomization.yaml', 'docs/commands.md', 'docs/run-yourself.md'],
  ...['tools/release.mjs', 'tools/repository.mjs', 'tools/cli-error.mjs', 'tools/node-version.mjs'],
  'tools/pack/command.mjs',
];

const CHANGELOG =
  '# Changelog\n\n## [Unreleased]\n\n### Added\n\n- New.\n\n## [0.1.0] - 2026-01-01\n';

const scratch = temporaryFolder('release');
afterAll(() => scratch.remove());

describe('npm run release', () => {
  let repository: string;
  let count = 0;

  beforeEach(() => {
    repository = join(scratch.path, `repository-${(count += 1)}`);
    for (const path of FILES) {
      mkdirSync(dirname(join(repository, path)), { recursive: true });
      cpSync(join(ROOT, path), join(repository, path));
    }
    write('CHANGELOG.md', CHANGELOG);
    write('tools/pack/main.mjs', "console.log('packed');");
    git('init', '--quiet');
    git('config', 'user.name', 'Engineer');
    git('config', 'user.email', 'engineer@example.com');
    commit();
  });

  const write = (path: string, text: string): void => writeFileSync(join(repository, path), text);
  const read = (path: string): string => readFileSync(join(repository, path), 'utf8');
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: repository, encoding: 'utf8', stdio: 'pipe' }).trim();
  const commit = (): void => {
    git('add', '.');
    git('commit', '--quiet', '--message', 'chore: before the release');
  };
  const state = (): string[] => [
    git('rev-parse', 'HEAD'),
    git('tag', '--list'),
    git('status', '--porcelain'),
    git('diff', 'HEAD'),
  ];
  const release = (...args: string[]): { status: number | null; out: string; errors: string } => {
    const program = join(repository, 'tools', 'release.mjs');
    const options = { cwd: repository, encoding: 'utf8' as const };
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], options);
    return { status, out: stdout, errors: stderr };
  };

  it('sets the version, dates the changelog, commits, tags and packs', () => {
    const { status, out } = release('9.0.0', '--date', '2026-12-01');
    expect([status, out]).toEqual([0, expect.stringMatching(/tagged v9\.0\.0[^]*packed/)]);
    expect(git('log', '-1', '--format=%s')).toBe('chore(release): version 9.0.0');
    expect(git('rev-parse', 'v9.0.0^{commit}')).toBe(git('rev-parse', 'HEAD'));
    expect(git('status', '--porcelain')).toBe('');
    expect(JSON.parse(read('package.json'))).toMatchObject({ version: '9.0.0' });
    expect(JSON.parse(read('package-lock.json'))).toMatchObject({
      version: '9.0.0',
      packages: { '': { version: '9.0.0' } },
    });
    expect(read('CHANGELOG.md')).toContain('## [Unreleased]\n\n## [9.0.0] - 2026-12-01\n');
    expect(read('deploy/kubernetes/kustomization.yaml')).toContain('newTag: 9.0.0');
  });

  it.each<[string, () => void, string[], RegExp]>([
    [
      'with changes that are not committed',
      () => write('CHANGELOG.md', `${CHANGELOG}\n`),
      ['9.0.0'],
      /changes that are not committed\. Commit or remove them first\./,
    ],
    ['of a tag that exists', () => git('tag', 'v9.0.0'), ['9.0.0'], /there is a tag v9\.0\.0/],
    [
      'without changes',
      () => {
        write('CHANGELOG.md', '# Changelog\n\n## [Unreleased]\n\n## [0.1.0] - 2026-01-01\n');
        commit();
      },
      ['9.0.0'],
      /no unreleased changes, so there is nothing to release/,
    ],
    ['of a lower version', () => undefined, ['0.0.9'], /0\.0\.9 is lower than .* in package\.json/],
    [
      'of the last release again',
      () => {
        write('CHANGELOG.md', CHANGELOG.replace('[0.1.0]', '[9.0.0]'));
        commit();
      },
      ['9.0.0'],
      /has version 9\.0\.0 already\. Name a higher one\./,
    ],
    ['with an unknown option', () => undefined, ['9.0.0', '--force'], /Unknown option '--force'/],
    [
      'that cannot be packed',
      () => {
        write('tools/pack/main.mjs', "console.error('no space left'); process.exit(3);");
        commit();
      },
      ['9.0.0'],
      /Nothing was released, and commit and tag were removed again\..*Packing failed[^]*no space left/,
    ],
    [
      'that cannot be committed',
      () => {
        write('.git/hooks/pre-commit', '#!/bin/sh\nexit 1\n');
        execFileSync('chmod', ['+x', join(repository, '.git/hooks/pre-commit')]);
      },
      ['9.0.0'],
      /Nothing was released, and commit and tag were removed again\..*git commit failed/,
    ],
  ])('leaves everything as it was for a release %s', (_what, prepare, args, sentence) => {
    prepare();
    const before = state();
    const { status, errors } = release(...args);
    expect([status, errors]).toEqual([1, expect.stringMatching(sentence)]);
    expect(errors).not.toMatch(/^ +at /m);
    expect(state()).toEqual(before);
  });
});
