/// <reference types="node" />
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const PLUGIN = join(__dirname, '../../..');

interface Workspace {
  projects: Record<
    string,
    { architect: { build: { options: { fileReplacements?: { with: string }[] } } } }
  >;
}

const { projects } = JSON.parse(readFileSync(join(PLUGIN, 'angular.json'), 'utf8')) as Workspace;
const replacements = Object.values(projects).flatMap(
  ({ architect }) => architect.build.options.fileReplacements ?? [],
);

describe('files of the window that replace others', () => {
  it('are found', () => {
    expect(replacements.length).toBeGreaterThan(0);
  });

  // The build loads them under both paths: injection tokens and services in them would exist twice.
  it.each(replacements)('declare nothing that must exist once: $with', ({ with: path }) => {
    const text = readFileSync(join(PLUGIN, path), 'utf8');
    expect(text).not.toMatch(/^(?:export )?(?:abstract )?(?:class|const|let)\b|^@/m);
  });
});
