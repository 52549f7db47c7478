import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { translate, translatePage } from './texts';

const PAGE = readFileSync(join(__dirname, 'index.html'), 'utf8');
const SOURCES = ['login.ts', 'sign-in.ts'].map(name => readFileSync(join(__dirname, name), 'utf8'));

function page(): Document {
  return new DOMParser().parseFromString(PAGE, 'text/html');
}

function texts(shown: Document): string[] {
  const found: string[] = [];
  const nodes = shown.createTreeWalker(shown.body, NodeFilter.SHOW_TEXT);
  while (nodes.nextNode()) {
    const text = (nodes.currentNode as Text).data.replace(/\s+/g, ' ').trim();
    if (text) found.push(text);
  }
  return found;
}

it('has a German text for every text of the page', () => {
  const german = page();
  translatePage(german, ['de-AT', 'en']);
  expect(german.documentElement.lang).toBe('de');
  expect(german.title).toBe('Anmelden');
  const same = texts(page()).filter(text => texts(german).includes(text));
  expect(same.sort()).toEqual(['(optional)', 'Basic', 'Cookie']);
});

it('has a German text for every sentence of the scripts', () => {
  const sentences = SOURCES.flatMap(source =>
    [...source.matchAll(/'([A-Z][^'\n]* [^'\n]*[.…])'/g)].map(([, text]) => text!),
  ).filter(text => !text.startsWith('The sign-in page lacks'));
  expect(sentences.length).toBeGreaterThan(8);
  expect(sentences.filter(text => translate(text, ['de']) === text)).toEqual([]);
});

it.each([[['en-GB', 'de']], [['fr', 'en', 'de']], [[]]])('stays English for %j', languages => {
  const english = page();
  translatePage(english, languages);
  expect(texts(english)).toEqual(texts(page()));
  expect(translate('Password', languages)).toBe('Password');
});
