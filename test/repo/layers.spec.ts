import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import { modulesOf } from './imports';
import { FILES, isTestFile, read, readJson, ROOT_PACKAGE, type PackageJson } from './repository';

type ByFolder = Readonly<Record<string, readonly string[]>>;

const {
  workspaces: LAYERS,
  onlyIn: ONLY_IN,
  neverIn: NEVER_IN,
} = readJson<{ workspaces: ByFolder; onlyIn: ByFolder; neverIn: ByFolder }>('layers.json');
const ours = (name: string): string => `@remote-access/${name.split('/')[0] ?? ''}`;

describe.each(Object.entries(LAYERS))('%s', (folder, layers) => {
  const { dependencies = {}, devDependencies = {} } = readJson<PackageJson>(
    `${folder}/package.json`,
  );
  const inLayers = new Set(layers.map(ours));
  const sources = FILES.filter(path => path.startsWith(`${folder}/src/`) && path.endsWith('.ts'));
  const imports = sources.flatMap(path =>
    importsOf(read(path)).map(name => ({ path, name, isTest: isTestFile(path) })),
  );

  it('declares the packages of its layers and no others of ours', () => {
    expect(ofOurs(dependencies).filter(name => !inLayers.has(name))).toEqual([]);
    const tested = [...inLayers, '@remote-access/testkit'];
    expect(ofOurs(devDependencies).filter(name => !tested.includes(name))).toEqual([]);
  });

  it('declares every package that it imports', () => {
    const missing = imports.filter(({ name, isTest }) => {
      const known = isTest
        ? { ...dependencies, ...devDependencies, ...ROOT_PACKAGE.devDependencies }
        : dependencies;
      return !(packageOf(name) in known) && !(isTest && name === '@remote-access/testkit');
    });
    expect(missing.filter(({ name }) => !isBuiltIn(name))).toEqual([]);
  });

  it('leaves its folder only through packages', () => {
    const outside = sources.flatMap(path =>
      relativeImportsOf(read(path))
        .map(name => posix.join(posix.dirname(path), name))
        .filter(target => !target.startsWith(`${folder}/`))
        .map(target => `${path} → ${target}`),
    );
    expect(outside).toEqual([]);
  });

  const references = referencesOf(folder);
  if (!references) return;

  it('is built after its layers, and after nothing that it may not import', () => {
    const expected = [...new Set(layers.map(name => `libs/${name.split('/')[0] ?? ''}`))];
    expect(references).toEqual(expect.arrayContaining(expected));
    const allowed = [...expected, 'libs/testkit'];
    expect(references.filter(path => !allowed.includes(path))).toEqual([]);
  });
});

it('has a layer for every workspace', () => {
  expect(Object.keys(LAYERS).sort()).toEqual([...(ROOT_PACKAGE.workspaces ?? [])].sort());
});

describe.each(Object.entries(ONLY_IN))('%s', (folder, packages) => {
  it(`is the only folder that imports ${packages.join(', ')}`, () => {
    const [workspace = ''] = /^\w+\/[\w-]+/.exec(folder) ?? [];
    const importers = importersOf(packages, `${workspace}/src/`);
    expect(importers.length).toBeGreaterThan(0);
    expect(importers.filter(path => !path.startsWith(`${folder}/`))).toEqual([]);
  });
});

describe.each(Object.entries(NEVER_IN))('%s', (folder, modules) => {
  it(`never imports ${modules.join(', ')}`, () => {
    expect(FILES.some(path => path.startsWith(`${folder}/`))).toBe(true);
    expect(importersOf(modules, `${folder}/`)).toEqual([]);
  });
});

/** @param patterns module names, or prefixes followed by `*` */
function importersOf(patterns: readonly string[], inside: string): string[] {
  const matches = (name: string): boolean =>
    patterns.some(
      pattern =>
        name === pattern || (pattern.endsWith('*') && name.startsWith(pattern.slice(0, -1))),
    );
  return FILES.filter(
    path => path.startsWith(inside) && path.endsWith('.ts') && !isTestFile(path),
  ).filter(path => modulesOf(read(path)).some(matches));
}

/** The Angular workspaces have no references: their own tools build them. */
function referencesOf(folder: string): string[] | undefined {
  const { references } = readJson<{ references?: readonly { path: string }[] }>(
    `${folder}/tsconfig.json`,
  );
  return references?.map(({ path }) => posix.join(folder, path));
}

function ofOurs(dependencies: Readonly<Record<string, string>>): string[] {
  return Object.keys(dependencies).filter(name => name.startsWith('@remote-access/'));
}

function importsOf(source: string): string[] {
  return modulesOf(source).filter(name => !name.startsWith('.'));
}

function relativeImportsOf(source: string): string[] {
  return modulesOf(source).filter(name => name.startsWith('.'));
}

function packageOf(name: string): string {
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');
}

function isBuiltIn(name: string): boolean {
  return name.startsWith('node:') || builtinModules.includes(name);
}
