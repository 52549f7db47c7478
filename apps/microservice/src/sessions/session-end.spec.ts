import { CLIENT_LEFT, clientFarewell, deviceCloseCode, endedBy, endSentence } from './session-end';

it('is sent to the client as messages, a close code and a reason', () => {
  expect(clientFarewell({ by: 'target', exitStatus: 3 }, 7)).toEqual({
    messages: [
      {
        type: 'ended',
        by: 'target',
        code: 'normal',
        text: 'The remote shell ended with status 3.',
        outputBytes: 7,
        exitStatus: 3,
      },
    ],
    closeCode: 1000,
    closeReason: 'The remote shell ended with status 3.',
  });
});

it('with an error is preceded by an error message', () => {
  const { messages, closeCode } = clientFarewell(endedBy('gateway', 'gateway-lost'), 0);
  expect(messages).toMatchObject([
    { type: 'error', code: 'gateway-lost', text: 'The connection to the gateway was lost.' },
    { type: 'ended', by: 'gateway', code: 'gateway-lost' },
  ]);
  expect(closeCode).toBe(4502);
});

it("by a gateway that could not connect names the endpoint's step, whichever step came last", () => {
  const end = endedBy('gateway', 'gateway-refused');
  for (const step of ['operation-delivered', 'gateway-connected', 'endpoint-answered'] as const) {
    expect(clientFarewell(end, 0, step).messages[0]).toMatchObject({ step: 'endpoint-answered' });
  }
  expect(clientFarewell(end, 0).messages[0]).not.toHaveProperty('step');
});

it.each([
  ['a stopped service', endedBy('service', 'shutting-down'), 1001, 1001],
  ['text in a raw session', endedBy('client', 'malformed-request'), 1003, 1000],
  ['a gateway that breaks the protocol', endedBy('gateway', 'gateway-protocol'), 4502, 1003],
  ['a wrong password', endedBy('target', 'sign-in-refused'), 4424, 1000],
  ['a client that left', CLIENT_LEFT, 1000, 1000],
])('by %s has a close code for each side', (_name, end, forClient, forDevice) => {
  expect(clientFarewell(end, 0).closeCode).toBe(forClient);
  expect(deviceCloseCode(end)).toBe(forDevice);
});

it('has a sentence for each side that can end it', () => {
  const all = ['client', 'gateway', 'target', 'service', 'platform'] as const;
  expect(new Set(all.map(by => endSentence({ by }))).size).toBe(all.length);
});

it('has a reason that fits into a close frame', () => {
  const end = endedBy('gateway', 'gateway-refused', 'č'.repeat(500));
  expect(Buffer.byteLength(clientFarewell(end, 0).closeReason)).toBeLessThanOrEqual(123);
});
