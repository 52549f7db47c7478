import { httpFailure, refusalOf } from './service-refusals';

describe('a refusal of the service', () => {
  const refuse = (code: string, status: number, message: string) =>
    httpFailure(status, { error: `remoteaccess/${code}`, message }, 'List of endpoints');

  it('says what the service says, and hints at what helps', () => {
    expect(refuse('not-capable', 422, 'Not this one.')).toMatchObject({
      message: 'Not this one.',
      code: 'not-capable',
      exitCode: 6,
      hint: 'c8y_SupportedOperations of the managed object lacks c8y_RemoteAccessConnect.',
    });
  });

  it('does not refer to a detail, which is the message itself', () => {
    const message = 'You need the permission READ for "Remote access".';
    expect(refuse('forbidden', 403, message)).toMatchObject({ message, hint: undefined });
    expect(refuse('too-many-requests', 429, 'Too many sessions.').hint).toBe(
      'A limit on failed sign-ins, connection keys, sessions, memory or key processing was reached.',
    );
  });

  it('has the text of the catalogue if the service sends none, and accepts unknown codes', () => {
    expect(refusalOf('gateway-lost', 502, '').message).toBe(
      'The connection to the gateway was lost.',
    );
    expect(refusalOf('newer', 403, '')).toMatchObject({
      message: 'Refused with newer.',
      exitCode: 4,
    });
  });

  it('has the exit code of its HTTP status, also if it ends a session', () => {
    expect(refusalOf('session-terminated', undefined, '').exitCode).toBe(4);
    expect(refusalOf('reader-stalled', undefined, '').exitCode).toBe(7);
    expect(refusalOf('newer', undefined, '').exitCode).toBe(8);
  });

  it('says what was asked for if something else answers', () => {
    expect(httpFailure(503, '<html>', 'List of endpoints')).toMatchObject({
      message: 'List of endpoints: HTTP 503',
      isTransient: true,
    });
  });
});
