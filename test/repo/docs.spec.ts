import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { ERRORS } from '@remote-access/contracts';
import { FILES, read, ROOT_PACKAGE } from './repository';

const PAGES = FILES.filter(path => path.endsWith('.md'));
const DECISIONS = FILES.filter(path => /^docs\/decisions\/\d/.test(path));

describe('pages', () => {
  it.each(PAGES)('%s has no dead links', page => {
    const dead = linksOf(read(page)).filter(link => !leadsSomewhere(page, link));
    expect(dead).toEqual([]);
  });

  it.each(PAGES)('%s names only commands that exist', page => {
    const named = [...read(page).matchAll(/\bnpm (?:run ([a-z:-]+)|(start|test))\b/g)].map(
      ([, script, short]) => script ?? short ?? '',
    );
    const scripts = Object.keys(ROOT_PACKAGE.scripts ?? {});
    expect(named.filter(name => !scripts.includes(name))).toEqual([]);
  });
});

describe('README.md', () => {
  it('begins with the two commands', () => {
    const top = read('README.md').split('\n').slice(0, 20).join('\n');
    expect(top).toContain('npm start');
    expect(top).toContain('npm test');
  });
});

describe.each(['docs/architecture.md', 'docs/field-cases.md'])('%s', page => {
  const named = [...read(page).matchAll(/`([\w./-]+)`/g)].map(([, path = '']) => path);

  it('names only files that exist', () => {
    const files = named.filter(path => /\.(ts|mjs)$/.test(path));
    expect(files.length).toBeGreaterThan(0);
    const known = (path: string): boolean =>
      FILES.some(file => file === path || file.endsWith(`/${path}`));
    expect(files.filter(path => !known(path))).toEqual([]);
  });

  it('names only folders that exist', () => {
    const inWorkspace = /^(apps|libs|test|bench|tools|deploy|docs)\/[\w/-]+$/;
    const folders = named.filter(path => path.endsWith('/') || inWorkspace.test(path));
    expect(folders.length).toBeGreaterThan(0);
    const known = (folder: string): boolean =>
      FILES.some(file => `/${file}`.includes(`/${folder.replace(/\/?$/, '/')}`));
    expect(folders.filter(folder => !known(folder))).toEqual([]);
  });
});

describe('docs/errors.md', () => {
  it('has a row for every error, with the values of the catalogue', () => {
    const rows = read('docs/errors.md')
      .split('\n')
      .filter(line => line.startsWith('| `'));
    const expected = Object.entries(ERRORS).map(
      ([code, { httpStatus, closeCode, retry, text, hint }]) =>
        `| \`${code}\` | ${httpStatus} | ${closeCode} | ${retry ? 'yes' : 'no'} | ${text} | ${hint} |`,
    );
    expect(rows).toEqual(expected);
  });
});

describe('decision records', () => {
  it('have unique numbers', () => {
    const numbers = DECISIONS.map(path => posix.basename(path).slice(0, 4));
    expect(numbers.filter((number, at) => numbers.indexOf(number) !== at)).toEqual([]);
    expect(numbers.filter(number => !/^\d{4}$/.test(number))).toEqual([]);
  });

  it('are all listed under their titles', () => {
    const listed = read('docs/decisions/README.md')
      .split('\n')
      .filter(line => line.startsWith('- ['));
    const expected = DECISIONS.map(path => {
      const [, title = ''] = /^# (.*)$/m.exec(read(path)) ?? [];
      return `- [${title}](${posix.basename(path)})`;
    });
    expect(listed).toEqual(expected);
  });
});

describe('CHANGELOG.md', () => {
  it('has a section for unreleased changes', () => {
    expect(read('CHANGELOG.md')).toMatch(/^## \[Unreleased\]$/m);
  });
});

/** Links of Markdown and of images in HTML, except links to other sites. */
function linksOf(page: string): string[] {
  const prose = page.replace(/```[\s\S]*?```/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)|src="([^"]+)"/g)]
    .map(([, link, source]) => link ?? source ?? '')
    .filter(link => !/^[a-z]+:/.test(link));
}

function leadsSomewhere(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : posix.join(posix.dirname(page), path);
  if (!existsSync(join(__dirname, '..', '..', target))) return false;
  return anchor === undefined || anchorsOf(read(target)).includes(anchor);
}

/** Anchors as the usual renderers derive them from headings. */
function anchorsOf(page: string): string[] {
  return [...page.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replace(/ /g, '-'),
  );
}
