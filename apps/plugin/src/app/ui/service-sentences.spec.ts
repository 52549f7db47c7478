import { serviceMessage } from './service-sentences';

describe('sentences of the service', () => {
  it('are recognized with the names and numbers in them', () => {
    expect(
      serviceMessage('The gateway "Line 4" did not answer within 30 s. It may be offline.'),
    ).toEqual({
      text: 'The gateway "{{ name }}" did not answer within {{ time }}. It may be offline.',
      values: { name: 'Line 4', time: '30 s' },
    });
  });

  it('contain the reasons of our agent, and those of others unchanged', () => {
    const failed = 'The gateway could not connect to the endpoint: ';
    expect(serviceMessage(`${failed}connection refused by [::1]:22`)).toEqual({
      text: `${failed}connection refused by {{ address }}`,
      values: { address: '[::1]:22' },
    });
    expect(serviceMessage(`${failed}dial tcp: i/o timeout`)).toEqual({
      text: `${failed}{{ reason }}`,
      values: { reason: 'dial tcp: i/o timeout' },
    });
  });

  it('are matched as a whole, and shown unchanged if they are unknown', () => {
    for (const text of ['The client disconnected. Or not.', 'Something else.', '']) {
      expect(serviceMessage(text)).toEqual({ text });
    }
  });

  it.each(['{{ name }}', '$&', '(a+)+$'])('are not rewritten by what they quote: %s', message => {
    expect(serviceMessage(`The remote server ended the session: "${message}".`).values).toEqual({
      message,
    });
  });
});
