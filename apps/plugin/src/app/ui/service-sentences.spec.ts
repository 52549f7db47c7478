import type { Message } from './message';
import { serviceMessage } from './service-sentences';
import { serviceTexts } from './service-texts.fixture';

/** Sentences that this page never gets: it keeps to the protocol, and is no VNC viewer of its own. */
const FOR_OTHER_CLIENTS =
  /^(?:The client |This address only|This connection takes|Offer the|Sessions are resumed)/;

/** Composed of parts whose combinations are all listed. */
const COMPOSED = [
  'The value stored with this endpoint value. Enter it again.',
  'The server at endpoint "value" is value.',
];

/** Whether a message and the messages in it are translated. */
function isKnown({ values }: Message): boolean {
  if (!values) return false;
  return Object.entries(values).every(([name, value]) => {
    if (typeof value === 'object') return 'text' in value ? isKnown(value) : true;
    // A value that contains the end of a sentence was cut in the wrong place.
    return name === 'what' ? !value.includes(' ') : !/"?\. [A-Z]/.test(value);
  });
}

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
    const late = 'the DNS server did not answer in time';
    expect(serviceMessage(`${failed}cannot resolve host name plc.local: ${late}`)).toEqual({
      text: `${failed}cannot resolve host name {{ address }}: ${late}`,
      values: { address: 'plc.local' },
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

  it('contain other sentences, which are translated too', () => {
    const text = 'Could not connect to endpoint "A". This is a TLS server, not an SSH server.';
    expect(serviceMessage(text)).toEqual({
      text: 'Could not connect to endpoint "{{ name }}". {{ what }}',
      values: {
        name: 'A',
        what: {
          text: 'This is {{ server }}, not an SSH server.',
          values: { server: { text: 'a TLS server', values: {} } },
        },
      },
    });
    expect(
      serviceMessage('You need the permission ADMIN for "A" and READ for "B".').values,
    ).toEqual({ permissions: ['ADMIN for "A"', 'READ for "B"'] });
  });

  it('include all with which it explains the end of a session', () => {
    const service = ['access', 'connect', 'gateway-call', 'protocols', 'sessions'];
    const texts = serviceTexts(
      ...['ssh', 'telnet', 'vnc'].map(lib => `libs/${lib}/src`),
      ...service.map(folder => `apps/microservice/src/${folder}`),
    );
    expect(texts.size).toBeGreaterThan(80);
    const shown = [...texts].filter(
      text => !FOR_OTHER_CLIENTS.test(text) && !COMPOSED.includes(text),
    );
    expect(shown.filter(text => !isKnown(serviceMessage(text)))).toEqual([]);
  });

  it.each(['{{ name }}', '$&', '(a+)+$'])('are not rewritten by what they quote: %s', message => {
    expect(serviceMessage(`The remote server ended the session: "${message}".`).values).toEqual({
      message,
    });
  });
});
