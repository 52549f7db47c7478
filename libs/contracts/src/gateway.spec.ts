import { allowedProtocols, isGateway } from './gateway';

describe('isGateway', () => {
  it('is true for a device that declares the operation', () => {
    const c8y_SupportedOperations = ['c8y_Restart', 'c8y_RemoteAccessConnect'];
    expect(isGateway({ id: '1', c8y_SupportedOperations })).toBe(true);
  });

  it.each([undefined, [], ['c8y_Restart'], 'c8y_RemoteAccessConnect'])(
    'is false for %p',
    declared => {
      const device = { id: '1', c8y_SupportedOperations: declared as string[] };
      expect(isGateway(device)).toBe(false);
    },
  );
});

describe('allowedProtocols', () => {
  const of = (listed: unknown) =>
    allowedProtocols({ id: '1', c8y_RemoteAccessSupportedProtocols: listed });

  it('matches listed names case-insensitively and ignores unknown ones', () => {
    expect(of(['ssh', 'Rdp', 'VNC'])).toEqual(['VNC', 'SSH']);
  });

  it.each([undefined, [], ['rdp'], 'SSH', [null]])('allows all for %p', listed => {
    expect(of(listed)).toHaveLength(4);
  });
});
