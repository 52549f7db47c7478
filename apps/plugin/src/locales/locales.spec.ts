/// <reference types="node" />
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERRORS, HINTS } from '@remote-access/contracts';
import { translatableTexts } from './translatable-texts.fixture';

const SDK = join(__dirname, '../../../../node_modules/@c8y/ngx-components/locales');

/** The entries of a gettext catalogue. */
function catalogue(language: string, folder = __dirname): ReadonlyMap<string, string> {
  // Long texts may be split into several lines.
  const po = readFileSync(join(folder, `${language}.po`), 'utf8').replaceAll('"\n"', '');
  const entries = po.matchAll(/^msgid (".*")\nmsgstr (".*")$/gm);
  return new Map(
    [...entries]
      .map(([, id, text]) => [JSON.parse(id!) as string, JSON.parse(text!) as string] as const)
      .filter(([id]) => id !== ''),
  );
}

const PLACEHOLDERS = /\{\{ *(\w+) *\}\}/g;

const placeholdersOf = (text: string): string[] =>
  [...text.matchAll(PLACEHOLDERS)].map(([, name]) => name!);

const shown = new Set([
  ...translatableTexts(join(__dirname, '..')),
  ...Object.values(HINTS),
  ...Object.values(ERRORS).flatMap(({ text, hint }) => [text, hint]),
]);
const german = catalogue('de');

/** Constructions that need a second reading. */
const CLUMSY =
  /\bfor who\b|\bis no \w+ that\b|^Made\.$|\bwho runs it\b|\bwhat (?:runs|answers) there\b|\bsomething else than\b|\bmoves the picture\b|\bbreak on the line\b|\bis another one\b|\bby oneself\b|\bleaves? off\b|^No input is sent\b/i;

describe('the English texts', () => {
  it('are idiomatic', () => {
    expect([...shown].filter(text => CLUMSY.test(text))).toEqual([]);
  });
});

describe('the German catalogue', () => {
  it('has every text of the pages and of the error catalogue', () => {
    expect(shown.size).toBeGreaterThan(300);
    // Add the texts listed here to apps/plugin/src/locales/de.po.
    expect([...shown].filter(text => !german.get(text))).toEqual([]);
  });

  it('has no text that is no longer shown', () => {
    expect([...german.keys()].filter(text => !shown.has(text))).toEqual([]);
  });

  it('agrees with that of the Web SDK, whose texts may replace ours', () => {
    const sdk = catalogue('de', SDK);
    expect(sdk.size).toBeGreaterThan(5_000);
    const different = [...german].filter(([id, text]) => sdk.has(id) && sdk.get(id) !== text);
    // Translate such a text as the Web SDK does, or choose another English text.
    expect(different).toEqual([]);
  });

  it('keeps the placeholders of each text', () => {
    const lost = [...german].filter(
      ([id, text]) => placeholdersOf(id).sort().join() !== placeholdersOf(text).sort().join(),
    );
    expect(lost).toEqual([]);
  });
});
