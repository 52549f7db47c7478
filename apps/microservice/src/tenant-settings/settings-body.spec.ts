import { SETTING_LIMITS } from '@remote-access/contracts';
import { readSettingsBody } from './settings-body';

const WHOLE = {
  enabled: true,
  hostKeyAutosave: false,
  operationTimeoutSeconds: 30,
  idleTimeoutMs: 3_600_000,
  maxDurationSeconds: 0,
  notice: null,
};

describe('the body of PUT /settings', () => {
  it('is read whole, and what is no setting is ignored', () => {
    expect(readSettingsBody({ ...WHOLE, noticeId: 'abc', colour: 'red' })).toEqual(WHOLE);
  });

  it('may name the revision that was read', () => {
    expect(readSettingsBody({ ...WHOLE, revision: 'r' })).toEqual({ ...WHOLE, revision: 'r' });
    expect(readSettingsBody({ ...WHOLE, revision: 7 })).toMatchObject({
      message: 'revision must be text',
    });
  });

  it.each([null, [], 'text', 7, undefined])('%j is no body', body => {
    expect(readSettingsBody(body)).toMatchObject({ code: 'malformed-request' });
  });

  it.each(['operationTimeoutSeconds', 'idleTimeoutMs', 'maxDurationSeconds'] as const)(
    'takes %s up to its bounds and not one past them',
    name => {
      const { least, most } = SETTING_LIMITS[name];
      const message = `${name} must be a whole number from ${least} to ${most}`;
      for (const value of [least, most]) {
        expect(readSettingsBody({ ...WHOLE, [name]: value })).toMatchObject({ [name]: value });
      }
      for (const value of [least - 1, most + 1, least + 0.5, String(least), null, undefined, NaN]) {
        expect(readSettingsBody({ ...WHOLE, [name]: value })).toMatchObject({ message });
      }
    },
  );

  it('has all problems in one answer', () => {
    expect(readSettingsBody({})).toMatchObject({
      code: 'invalid-settings',
      message: [
        'enabled must be true or false',
        'hostKeyAutosave must be true or false',
        'operationTimeoutSeconds must be a whole number from 5 to 3600',
        'idleTimeoutMs must be a whole number from 10000 to 604800000',
        'maxDurationSeconds must be a whole number from 0 to 604800',
        'notice must be text, or null for none',
      ].join('; '),
    });
  });

  it.each([
    ['an empty notice is none', '  \r\n ', { notice: null }],
    ['paragraphs stay', ' One\r\n\tTwo\n', { notice: 'One\n\tTwo' }],
    ['the longest', 'x'.repeat(2_000), { notice: 'x'.repeat(2_000) }],
    ['one more', 'x'.repeat(2_001), { message: 'notice must not be longer than 2000 characters' }],
    ['an escape', 'a\u001b[31m', { message: 'notice must not contain control characters' }],
  ])('notice: %s', (_name, notice, expected) => {
    expect(readSettingsBody({ ...WHOLE, notice })).toMatchObject(expected);
  });
});
