/// <reference types="node" />
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SERVICE_SENTENCES, sentenceMessage } from './endpoint-sentences';

const ROOT = join(__dirname, '../../../../../..');

/** How the sources of the service begin a sentence that ends up in a refusal. */
const BEGINNINGS =
  /(?:invalidKey|problem|invalid|malformedFile|invalidEndpoint)\(\s*\[?((?:(?:'[^'\n]*'|"[^"\n]*"|`[^`]*`)\s*\+?\s*)+)/g;

/** The sentences in the sources of some folders, with a word in place of each value. */
function sentencesIn(...folders: string[]): string[] {
  const files = folders.flatMap(folder =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map(file =>
      join(ROOT, folder, file),
    ),
  );
  return files
    .filter(file => file.endsWith('.ts') && !/\.(?:spec|fixture)\.ts$/.test(file))
    .flatMap(file => [...readFileSync(file, 'utf8').matchAll(BEGINNINGS)])
    .map(([, literals = '']) =>
      [...literals.matchAll(/'([^'\n]*)'|"([^"\n]*)"|`([^`]*)`/g)]
        .map(([, single, double, template]) => single ?? double ?? template)
        .join('')
        .replaceAll(/\$\{[^}]*subject\}/g, 'public key')
        .replaceAll(/\$\{field\}/g, 'port')
        .replaceAll(/\$\{LABELS[^}]*\}/g, 'User name')
        .replaceAll(/\$\{[^}]*\}/g, 'value'),
    );
}

describe('sentenceMessage', () => {
  it('gives the text and its values', () => {
    expect(sentenceMessage('The line has 3 cells, but the header has 5')).toEqual({
      text: 'The line has {{ cells }} cells, but the header has {{ columns }}',
      values: { cells: '3', columns: '5' },
    });
    expect(sentenceMessage('protocol must be one of VNC, SSH')).toEqual({
      text: '{{ field }} must be one of {{ choices }}',
      values: { field: 'protocol', choices: 'VNC, SSH' },
    });
    expect(sentenceMessage('The passphrase is too long.')).toEqual({
      text: 'The passphrase is too long.',
    });
  });

  it('translates what is wrong with a line', () => {
    const what = 'This is a private key; only the host key belongs here.';
    expect(sentenceMessage(`Line 3: ${what}`)).toEqual({
      text: 'Line {{ line }}: {{ what }}',
      values: { line: '3', what: { text: what } },
    });
  });

  it('replaces texts that other clients match with advice', () => {
    expect(sentenceMessage('Could not recognize host-key format').text).toMatch(/known_hosts/);
    expect(sentenceMessage('The private key is damaged: its check numbers differ.').text).toBe(
      'This key is cut off or damaged. Copy it again as a whole.',
    );
  });

  it('keeps what it does not know', () => {
    expect(sentenceMessage('Something else.')).toEqual({ text: 'Something else.' });
  });

  it('knows every sentence of the service about endpoints, keys and files', () => {
    const service = ['endpoints', 'transfer'].map(one => `apps/microservice/src/${one}`);
    const sentences = sentencesIn('libs/ssh-keys/src', ...service).filter(
      one => one.includes(' ') && !/^\w+ value$/.test(one),
    );
    expect(sentences.length).toBeGreaterThan(70);
    const known = (one: string): boolean => {
      const { text } = sentenceMessage(one);
      return text !== one || SERVICE_SENTENCES.includes(one);
    };
    expect(sentences.filter(one => !known(one) && !known(`${one}.`))).toEqual([]);
  });
});
