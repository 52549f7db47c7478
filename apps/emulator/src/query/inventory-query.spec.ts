import type { ManagedObject } from '@remote-access/contracts/platform';
import { Hierarchy } from '../store/hierarchy';
import { parseInventoryQuery } from './inventory-query';
import { inOrder, matches } from './match';
import { QuerySyntaxError } from './tokens';

const objects: ManagedObject[] = [
  {
    id: '1',
    name: 'Factory gateway',
    type: 'gw',
    c8y_IsDevice: {},
    c8y_Hardware: { serialNumber: 'a-1', revision: 2 },
    creationTime: '2026-01-01T00:00:00.000Z',
  },
  { id: '2', name: "Eva's group", c8y_IsDeviceGroup: {}, tags: ['red', 'green'], active: true },
  { id: '10', type: 'gw', c8y_IsDevice: {}, 'c8y_Dashboard!device!1': {}, 'a.b': 1 },
];
const hierarchy = new Hierarchy([{ parent: '2', kind: 'childAssets', child: '1' }]);

function find(text: string): string[] {
  const { filter, orderBy } = parseInventoryQuery(text);
  return objects
    .filter(object => !filter || matches(object, filter, hierarchy))
    .sort(inOrder(orderBy))
    .map(({ id }) => id);
}

describe('the inventory query language', () => {
  it.each([
    ['', ['1', '2', '10']],
    ['$filter=', ['1', '2', '10']],
    ['has(c8y_IsDevice)', ['1', '10']],
    ["has('c8y_Dashboard!device!1')", ['10']],
    ['has(c8y_Dashboard!device!1)', ['10']],
    ['has(c8y_Hardware.serialNumber)', ['1']],
    ['has(c8y_Hardware.other)', []],
    ['has(a.b)', ['10']],
    ['has(constructor)', []],
    ["name eq 'Factory gateway'", ['1']],
    ["name eq 'factory gateway'", []],
    ["name eq 'Fact*'", ['1']],
    ["name eq '*gate*'", ['1']],
    ["name eq '*way'", ['1']],
    ["name eq 'Fac*ory*gate*ay'", ['1']],
    ["name eq 'Factory gateway*Factory gateway'", []],
    ["name eq '*'", ['1', '2']],
    ["name eq 'Eva''s group'", ['2']],
    ["name ne 'Factory gateway'", ['2', '10']],
    ['name eq null', ['10']],
    ['c8y_Hardware.revision gt 1', ['1']],
    ['c8y_Hardware.revision lt 2', []],
    ['c8y_Hardware.revision le 2 and c8y_Hardware.revision ge 2', ['1']],
    ["creationTime.date gt '2025-12-31T00:00:00Z'", ['1']],
    ["tags eq 'green'", ['2']],
    ['active eq true', ['2']],
    ['id eq 10', ['10']],
    ["(name eq 'X*') or has(c8y_IsDevice)", ['1', '10']],
    ['not has(c8y_IsDevice)', ['2']],
    ['not (has(c8y_IsDevice) and has(name))', ['2', '10']],
    ["type eq 'gw' and not has(name) or has(tags)", ['2', '10']],
    ['bygroupid(2)', ['1']],
    ["isinhierarchyof('2')", ['1', '2']],
    ['$filter=((has(c8y_IsDeviceGroup)) or (has(x))) $orderby=name asc', ['2']],
    ['$filter=has(c8y_IsDevice) $orderby=id desc', ['10', '1']],
    ['$orderby=id desc', ['10', '2', '1']],
    ['$orderby=type desc,id desc', ['10', '1', '2']],
    ['$filter=  $orderby=name', ['10', '2', '1']],
    ["$filter=(name eq 'Factory*')", ['1']],
  ])('finds by %s', (text, ids) => {
    expect(find(text)).toEqual(ids);
  });

  it.each([
    'name',
    'name eq',
    'name is 5',
    "name eq 'open",
    'has(',
    'has()',
    'has(x',
    'is(x)',
    '(has(x)',
    'has(x))',
    'has(x) has(y)',
    'and has(x)',
    'name eq name',
    '$filter has(x)',
    '$orderby=',
    'name = 5',
    'has(x) §',
    `${'('.repeat(5_000)}has(x)${')'.repeat(5_000)}`,
    `${'not '.repeat(5_000)}has(x)`,
  ])('refuses %.40s', text => {
    expect(() => parseInventoryQuery(text)).toThrow(QuerySyntaxError);
  });

  it('parses many conditions in a row, as sent by dashboards', () => {
    const text = Array.from({ length: 500 }, (_, n) => `(has('d!${n}'))`).join(' or ');
    expect(find(`$filter=(${text})`)).toEqual([]);
  });
});
