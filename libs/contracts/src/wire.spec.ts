import { parseClientMessage, parseServerMessage } from './wire';

describe('parseClientMessage', () => {
  it.each([
    ['{"type":"resize","cols":80,"rows":24}', { type: 'resize', cols: 80, rows: 24 }],
    ['{"type":"resize","cols":4096,"rows":1}', { type: 'resize', cols: 4096, rows: 1 }],
    ['{"type":"disconnect","newer":true}', { type: 'disconnect' }],
    ['{"type":"flow","state":"hold"}', { type: 'flow', state: 'hold' }],
    ['{"type":"flow","state":"go"}', { type: 'flow', state: 'go' }],
  ])('reads %s', (text, message) => {
    expect(parseClientMessage(text)).toEqual(message);
  });

  it.each([
    '',
    'null',
    '[]',
    '"resize"',
    '{"type":',
    '{"type":"reboot"}',
    '{"type":"constructor"}',
    '{"type":"resize"}',
    '{"type":"resize","cols":0,"rows":24}',
    '{"type":"resize","cols":80.5,"rows":24}',
    '{"type":"resize","cols":4097,"rows":24}',
    '{"type":"resize","cols":"80","rows":24}',
    '{"type":"flow","state":"stop"}',
    '{"type":"flow"}',
    `{"type":"disconnect","padding":"${'x'.repeat(70_000)}"}`,
  ])('ignores %.40s', text => {
    expect(parseClientMessage(text)).toBeUndefined();
  });
});

describe('parseServerMessage', () => {
  it.each([
    { type: 'status', step: 'operation-created', elapsedMs: 12, operationId: '7' },
    { type: 'host-key', keyType: 'ssh-ed25519', sha256: 'SHA256:x', md5: 'MD5:x', state: 'new' },
    { type: 'error', code: 'gateway-timeout', text: 'Too late.', hint: 'Look there.' },
    { type: 'latency', clientMs: 4.2 },
    { type: 'ended', by: 'client', code: 'normal', text: 'You disconnected.', outputBytes: 10 },
  ])('reads $type', message => {
    expect(parseServerMessage(JSON.stringify(message))).toEqual(message);
  });

  it.each([
    '{"type":"status","step":"open"}',
    '{"type":"latency","clientMs":"4"}',
    '{"type":"toString"}',
    '{"type":"news"}',
    '17',
  ])('ignores %s', text => {
    expect(parseServerMessage(text)).toBeUndefined();
  });
});
