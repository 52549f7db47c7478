import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SENTINEL_PLACES, SENTINEL_WORDS } from '../rest/sentinels';
import { ROUTES } from './routes';

const page = readFileSync(
  join(__dirname, '../../../../docs/emulator-differences.md'),
  'utf8',
).replaceAll(/ {2,}/g, ' ');

describe('docs/emulator-differences.md', () => {
  it('lists exactly the routes of the API', () => {
    const methods = new Map<string, string[]>();
    for (const { path, method } of ROUTES) {
      methods.set(path, [...(methods.get(path) ?? []), method]);
    }
    const order = ['GET', 'POST', 'PUT', 'DELETE'];
    const expected = [...methods].map(([path, list]) => {
      return `| \`${path}\` | ${order.filter(method => list.includes(method as 'GET')).join(', ')} |`;
    });
    const rows = [...page.matchAll(/^(\| `\/[^|]*\| [A-Z, ]+ \|)/gm)].map(([, row]) => row);
    expect(rows.sort()).toEqual(expected.sort());
  });

  it('documents every sentinel word and every place where it applies', () => {
    for (const { example } of SENTINEL_WORDS) expect(page).toContain(`| \`${example}\` |`);
    for (const { where } of SENTINEL_PLACES) expect(page).toContain(`- ${where}\n`);
  });
});
