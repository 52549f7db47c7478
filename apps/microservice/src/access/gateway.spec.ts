import type { ManagedObject } from '@remote-access/contracts/platform';
import { arbitraryJson, randomSource } from '@remote-access/testkit';
import { Gateway } from './gateway';

const gatewayWith = (supportedProtocols: unknown, operations: unknown): Gateway =>
  new Gateway({
    id: '1001',
    c8y_SupportedOperations: operations as string[],
    c8y_RemoteAccessSupportedProtocols: supportedProtocols,
  });

const CONNECT = ['c8y_Restart', 'c8y_RemoteAccessConnect'];

describe('a gateway', () => {
  it.each([
    [
      ['SSH', 'vnc'],
      ['VNC', 'SSH'],
    ],
    [['ssh', 'gopher', 7], ['SSH']],
    [['gopher'], ['VNC', 'SSH', 'TELNET', 'PASSTHROUGH']],
    [[], ['VNC', 'SSH', 'TELNET', 'PASSTHROUGH']],
    [undefined, ['VNC', 'SSH', 'TELNET', 'PASSTHROUGH']],
    ['SSH', ['VNC', 'SSH', 'TELNET', 'PASSTHROUGH']],
  ])('that declares %j allows %j', (declared, allowed) => {
    expect(gatewayWith(declared, CONNECT).protocols).toEqual(allowed);
  });

  it('refuses protocols that it does not allow', () => {
    const gateway = gatewayWith(['SSH'], CONNECT);
    expect(gateway.refusalOf('SSH')).toBeUndefined();
    expect(gateway.refusalOf('VNC')).toMatchObject({ code: 'protocol-not-allowed' });
  });

  it.each([undefined, [], ['c8y_Restart'], 'c8y_RemoteAccessConnect'])(
    'that declares the operations %j is not a gateway',
    operations => {
      expect(gatewayWith(undefined, operations).refusalOf('SSH')).toMatchObject({
        code: 'not-capable',
      });
    },
  );
});

it('can be created from any managed object (security)', () => {
  const random = randomSource(7);
  const wrong: unknown[] = [];
  for (let count = 0; count < 1_000; count += 1) {
    const object = {
      id: '1',
      name: arbitraryJson(random),
      c8y_SupportedOperations: arbitraryJson(random),
      c8y_RemoteAccessSupportedProtocols: [arbitraryJson(random), arbitraryJson(random)],
    } as unknown as ManagedObject;
    const gateway = new Gateway(object);
    const isRight =
      typeof gateway.name === 'string' &&
      gateway.refusalOf('SSH')?.code === 'not-capable' &&
      gateway.protocols.length > 0;
    if (!isRight) wrong.push(object);
  }
  expect(wrong).toEqual([]);
});
