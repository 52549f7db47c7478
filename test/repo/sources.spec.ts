import { FILES, read } from './repository';

const TEXTS = FILES.filter(path => /\.(ts|mjs|js|json|md|html|css|yml|yaml)$|^\.ci\//.test(path));
const SOURCES = TEXTS.filter(path => /\.(ts|mjs)$/.test(path));

/** Roots of folders that differ between machines; those of Debian packages do not. */
const MACHINE_PATH = new RegExp(
  `(?<![\\w.~:/-])/(?:${['work', 'home', 'root', 'Users'].join('|')})/`,
);

/** Spelled in two halves, so that this file does not find itself. */
const UNWANTED = {
  'a focused test': new RegExp(
    '\\b(?:describe|it|test)\\.' + 'only\\b|^\\s*f(?:it|describe)\\([\'"`]',
  ),
  'a switched-off test': new RegExp('\\bx(?:it|describe)\\(|\\b(?:it|describe)\\.' + 'skip\\b'),
  'a switched-off rule': new RegExp('eslint-' + 'disable|@ts-' + '(?:ignore|nocheck)'),
  'work put off': new RegExp('\\b(?:TO' + 'DO|FIX' + 'ME)\\b'),
  'a silent catch': /catch *(?:\([^)]*\) *)?\{\s*\}/,
};

describe.each(Object.entries(UNWANTED))('%s', (_name, pattern) => {
  it('does not occur', () => {
    expect(linesWith(SOURCES, pattern)).toEqual([]);
  });
});

it('names no folder that only one machine has', () => {
  const texts = TEXTS.filter(path => path !== 'package-lock.json');
  expect(linesWith(texts, MACHINE_PATH)).toEqual([]);
});

it('names files in kebab-case', () => {
  const odd = SOURCES.filter(path => !/^[a-z0-9.-]+$/.test(path.slice(path.lastIndexOf('/') + 1)));
  expect(odd).toEqual([]);
});

it('has no catch-all files or folders', () => {
  const drawer = /(?:^|[/.-])(?:utils?|helpers?|common|shared|misc)(?=[/.-])/;
  expect(FILES.filter(path => drawer.test(path))).toEqual([]);
});

function linesWith(paths: readonly string[], pattern: RegExp): string[] {
  return paths.flatMap(path => {
    const lines = read(path).split('\n');
    return lines.flatMap((line, at) => (pattern.test(line) ? [`${path}:${at + 1}`] : []));
  });
}
