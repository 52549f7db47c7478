/// <reference types="node" />
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERRORS, HINTS } from '@remote-access/contracts';
import { translatableTexts } from './translatable-texts.fixture';

/** The entries of a gettext catalogue, each text on one line. */
function catalogue(language: string): ReadonlyMap<string, string> {
  const po = readFileSync(join(__dirname, `${language}.po`), 'utf8');
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

describe('the German catalogue', () => {
  it('has every text of the pages and of the error catalogue', () => {
    expect(shown.size).toBeGreaterThan(300);
    // Add the texts listed here to apps/plugin/src/locales/de.po.
    expect([...shown].filter(text => !german.get(text))).toEqual([]);
  });

  it('has no text that is no longer shown', () => {
    expect([...german.keys()].filter(text => !shown.has(text))).toEqual([]);
  });

  it('keeps the placeholders of each text', () => {
    const lost = [...german].filter(
      ([id, text]) => placeholdersOf(id).sort().join() !== placeholdersOf(text).sort().join(),
    );
    expect(lost).toEqual([]);
  });
});
