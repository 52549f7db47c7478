import { hostNameProblem } from './body-reader';

describe('a host name', () => {
  it.each([
    'localhost',
    'plc_7.line-2.factory.local',
    'server.example.com.',
    'zařízení.example',
    '10.0.0.5',
    '127.0.0.1',
    '169.254.169.254',
    '2130706433',
    '::1',
    'fe80::1%eth0',
    '::ffff:127.0.0.1',
  ])('may be %s, as the gateway decides what it dials', host => {
    expect(hostNameProblem(host)).toBeUndefined();
  });

  it.each(['0.0.0.0', '0', '0x0', '00', '0.0', '::', '0:0:0:0:0:0:0:0', '::ffff:0.0.0.0'])(
    'cannot be %s, a spelling of the unspecified address',
    host => expect(hostNameProblem(host)).toBe('is the unspecified address'),
  );

  it.each([
    ...['127.000.000.010', '192.168.010.020', '010.1.2.3', '0177.0.0.1', '017700000001'],
    ...['0x7f.0.0.010', '０１０.0.0.5', '10。010。0。5', '010.0.0.5.'],
  ])('cannot be %s, which different systems may read as different addresses', host =>
    expect(hostNameProblem(host)).toContain('write the address without them'),
  );

  it.each(['plc-01.line-07', '10.0.0.10', '0.example', '01.example'])('may be %s', host => {
    expect(hostNameProblem(host)).toBeUndefined();
  });

  it.each([
    ' ',
    'a b',
    'a..b',
    '-a',
    'a-',
    'a/b',
    'user@host',
    'host:22',
    '[::1]',
    '1.2.3.256',
    'a\tb',
    'http://host',
    'fe80::1%',
    'fd00::1%eth0',
    '10.0.0.1%eth0',
    'x'.repeat(64),
  ])('cannot be %j', host => {
    expect(hostNameProblem(host)).toBe('is not a host name or an IP address');
  });
});
