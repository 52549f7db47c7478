import { SIGNED_IN, TABLE } from '../security/route-table';
import { read } from './repository';

/** The kinds of callers that the page has columns for. */
const COLUMNS = SIGNED_IN.filter(caller => caller !== 'other gateway');

it('docs/permissions.md has the table that the security tests check', () => {
  const rows = read('docs/permissions.md')
    .split('\n')
    .filter(line => /^\| `(GET|HEAD|POST|PUT|PATCH|DELETE) /.test(line));
  const expected = TABLE.map(({ method, path, needs, answers }) => {
    const cells = [`\`${method} ${path}\``, needs, ...COLUMNS.map(caller => answers[caller])];
    return `| ${cells.join(' | ')} |`;
  });
  expect(rows).toEqual(expected);
});
