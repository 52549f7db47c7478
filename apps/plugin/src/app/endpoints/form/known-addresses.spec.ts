import type { PlatformAnswer } from '../../host/platform-calls';
import { addressesOf, childDeviceAddresses } from './known-addresses';

describe('addressesOf', () => {
  it.each<[string, object, string[]]>([
    [
      'each interface of c8y_Network',
      {
        c8y_Network: {
          c8y_LAN: { ip: '10.0.0.5', netmask: '255.255.255.0' },
          c8y_WLAN: { ip: '10.0.1.5' },
        },
      },
      ['10.0.0.5', '10.0.1.5'],
    ],
    ['a Modbus device', { c8y_ModbusDevice: { ipAddress: '10.0.0.6', port: 502 } }, ['10.0.0.6']],
    ['a text', { c8y_IPAddress: ' 10.0.0.7 ' }, ['10.0.0.7']],
    ['a name', { c8y_Address: { hostname: 'plc.factory' } }, ['plc.factory']],
    ['IPv6', { c8y_Network: { c8y_LAN: { ip: 'fe80::1' } } }, ['fe80::1']],
    [
      'the same address twice',
      { c8y_IPAddress: '10.0.0.7', c8y_Address: { ip: '10.0.0.7' } },
      ['10.0.0.7'],
    ],
    ['no street', { c8y_Address: { street: 'Main', address: 'Main Street 1', city: 'a.b' } }, []],
    ['no address of all', { c8y_Network: { c8y_LAN: { ip: '0.0.0.0' } } }, []],
    ['none', { c8y_Network: null, c8y_Address: 7 }, []],
  ])('reads %s', (_, fragments, addresses) => {
    expect(addressesOf({ id: '1', ...fragments })).toEqual(addresses);
  });

  it('stops at a maximum depth', () => {
    const deep = { a: { b: { c: { d: { ip: '10.0.0.1' } } } } };
    expect(addressesOf({ id: '1', c8y_Network: deep })).toEqual([]);
  });
});

describe('childDeviceAddresses', () => {
  const addresses = (answer: PlatformAnswer) =>
    childDeviceAddresses(
      {
        call: () => Promise.resolve(answer),
        webSocketAddress: path => path,
        basicToken: () => undefined,
        xsrfToken: () => undefined,
      },
      '1001',
    );

  it('returns each address with the name of its device, sorted by name', async () => {
    const references = [
      { managedObject: { id: '3', name: 'Press', c8y_IPAddress: '10.0.0.3' } },
      { managedObject: { id: '2', c8y_IPAddress: '10.0.0.2' } },
      { managedObject: { id: '4', name: 'Without' } },
      {},
    ];
    await expect(addresses({ status: 200, body: { references } })).resolves.toEqual([
      { address: '10.0.0.2', name: '2' },
      { address: '10.0.0.3', name: 'Press' },
    ]);
  });

  it.each([
    { status: 403, body: { error: 'x' } },
    { status: 0, body: undefined },
    { status: 200, body: '<html>' },
  ])('is empty for the response %j', async answer => {
    await expect(addresses(answer)).resolves.toEqual([]);
  });
});
