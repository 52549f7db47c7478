import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');

export function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

export function readJson<T>(path: string): T {
  return JSON.parse(read(path)) as T;
}

/** The files that are, or are about to be, under version control. */
export const FILES: readonly string[] = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate'],
  { cwd: ROOT },
)
  .toString()
  .split('\n')
  .filter(path => path !== '');

export function isTestFile(path: string): boolean {
  return /\.(spec|fixture)\.ts$/.test(path);
}

export interface PackageJson {
  readonly name: string;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly workspaces?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

export interface LockEntry {
  readonly version?: string;
  readonly resolved?: string;
  readonly link?: boolean;
}

export const ROOT_PACKAGE = readJson<PackageJson>('package.json');

/** Entries by their path, such as `node_modules/ws`. */
export const LOCK = readJson<{ packages: Record<string, LockEntry> }>('package-lock.json').packages;
