import { parseTarget } from './target';

const LOOPBACK_SPELLINGS = [
  '127.0.0.1',
  '127.0.0.1.',
  '127.1',
  '0x7f.1',
  '0x7f000001',
  '2130706433',
  '１２７.0.0.1',
  '::ffff:127.0.0.1',
  '[::ffff:127.0.0.1]',
  '::FFFF:7F00:1',
  '0:0:0:0:0:ffff:7f00:0001',
];

describe('parseTarget', () => {
  it.each(LOOPBACK_SPELLINGS)('reads %s as 127.0.0.1 (security)', spelling => {
    expect(parseTarget(spelling, 22)).toEqual({ host: '127.0.0.1', port: 22 });
  });

  it.each([
    ['::1', '::1'],
    ['[0:0:0:0:0:0:0:1]', '::1'],
    ['FD00::0001', 'fd00::1'],
    ['PLC-7.Plant.local.', 'plc-7.plant.local'],
    ['my_host', 'my_host'],
    ['straße.example', 'xn--strae-oqa.example'],
    ['localhost', 'localhost'],
  ])('reads %s as %s', (spelling, host) => {
    expect(parseTarget(spelling, 65_535)).toEqual({ host, port: 65_535 });
  });

  it('keeps the zone of a link-local address', () => {
    expect(parseTarget('FE80::0001%eth0.5', 22)).toEqual({
      host: 'fe80::1',
      zone: 'eth0.5',
      port: 22,
    });
  });

  it.each(['192.168.010.020', '0x7f.0.0.010', '０１０.0.0.5', '10。010。0。5', '010.0.0.5.'])(
    'says why %s is refused: different systems may read it as different addresses',
    host => expect(parseTarget(host, 22)).toContain('without them'),
  );

  it('reads zeros elsewhere in names and numbers', () => {
    expect(parseTarget('plc-01.line', 22)).toMatchObject({ host: 'plc-01.line' });
    expect(parseTarget('10.0.0.10', 22)).toMatchObject({ host: '10.0.0.10' });
  });

  it.each([
    '0.0.0.0',
    '0',
    '0x0',
    '0.1.2.3',
    '::',
    '[::]',
    '::ffff:0.0.0.0',
    '255.255.255.255',
    '224.0.0.1',
    'ff02::1',
    '256.1.1.1',
    '1.2.3.4.5',
    '10.0.0.5\r\nHost: evil',
    '10.0.0.5\n',
    'a b',
    'a\u0000b',
    'user@10.0.0.5',
    '10.0.0.5:22',
    '10.0.0.5/x',
    '10.0.0.5#x',
    '10.0.0.5?x',
    'a%2eb',
    '[::1',
    '::1]',
    '[127.0.0.1]',
    'fd00::1%eth0',
    'fe80::1%',
    'fe80::1%eth0/x',
    '0177.0.0.1',
    '017700000001',
    '127.000.000.010',
    '.',
    '',
    'a'.repeat(256),
    undefined,
    null,
    7,
    { toString: () => '10.0.0.5' },
  ])('refuses the host %j (security)', hostname => {
    expect(typeof parseTarget(hostname, 22)).toBe('string');
  });

  it.each([0, -1, 65_536, 22.5, Number.NaN, '22', undefined, null])(
    'refuses the port %p (security)',
    port => {
      expect(parseTarget('10.0.0.5', port)).toMatch(/^the port must be between 1 and 65535/);
    },
  );
});
