import { SETTING_LIMITS } from '@remote-access/contracts';
import { readSettingsBody } from './settings-body';

const COMPLETE = {
  enabled: true,
  hostKeyAutosave: false,
  operationTimeoutSeconds: 30,
  idleTimeoutMs: 3_600_000,
  maxDurationSeconds: 0,
  notice: null,
};

describe('the body of PUT /settings', () => {
  it('is read completely, and unknown fields are ignored', () => {
    expect(readSettingsBody({ ...COMPLETE, noticeId: 'abc', colour: 'red' })).toEqual(COMPLETE);
  });

  it('may contain the revision that was read', () => {
    expect(readSettingsBody({ ...COMPLETE, revision: 'r' })).toEqual({
      ...COMPLETE,
      revision: 'r',
    });
    expect(readSettingsBody({ ...COMPLETE, revision: 7 })).toMatchObject({
      message: 'revision must be text',
    });
  });

  it.each(['auditRequired', 'tokenInAddress', 'malformedKeys'])(
    'keeps %s if it is absent',
    name => {
      for (const value of [true, false]) {
        const body = { ...COMPLETE, [name]: value };
        expect(readSettingsBody(body)).toEqual(body);
      }
      expect(readSettingsBody({ ...COMPLETE, [name]: 'no' })).toMatchObject({
        message: `${name} must be true or false`,
      });
    },
  );

  it('keeps the time to resume if it is absent', () => {
    expect(readSettingsBody(COMPLETE)).not.toHaveProperty('resumeSeconds');
  });

  it('keeps the admission of devices if it is absent', () => {
    expect(readSettingsBody(COMPLETE)).not.toHaveProperty('deviceAdmission');
    for (const deviceAdmission of ['owner', 'reader']) {
      const body = { ...COMPLETE, deviceAdmission };
      expect(readSettingsBody(body)).toEqual(body);
    }
    for (const deviceAdmission of ['', 'anybody', null, true, ['owner']]) {
      expect(readSettingsBody({ ...COMPLETE, deviceAdmission })).toMatchObject({
        message: 'deviceAdmission must be owner or reader',
      });
    }
  });

  it.each([null, [], 'text', 7, undefined])('must not be %j', body => {
    expect(readSettingsBody(body)).toMatchObject({ code: 'malformed-request' });
  });

  it.each([
    'operationTimeoutSeconds',
    'idleTimeoutMs',
    'maxDurationSeconds',
    'resumeSeconds',
  ] as const)('accepts %s up to its limits, inclusively', name => {
    const { least, most } = SETTING_LIMITS[name];
    const message = `${name} must be a whole number from ${least} to ${most}`;
    for (const value of [least, most]) {
      expect(readSettingsBody({ ...COMPLETE, [name]: value })).toMatchObject({ [name]: value });
    }
    for (const value of [least - 1, most + 1, least + 0.5, String(least), null, undefined, NaN]) {
      expect(readSettingsBody({ ...COMPLETE, [name]: value })).toMatchObject({ message });
    }
  });

  it('is refused with all problems together', () => {
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
    ['a blank notice counts as none', '  \r\n ', { notice: null }],
    ['paragraphs are kept', ' One\r\n\tTwo\n', { notice: 'One\n\tTwo' }],
    ['the longest is accepted', 'x'.repeat(2_000), { notice: 'x'.repeat(2_000) }],
    [
      'a longer one is refused',
      'x'.repeat(2_001),
      { message: 'notice must not be longer than 2000 characters' },
    ],
    [
      'control characters are refused',
      'a\u001b[31m',
      { message: 'notice must not contain control characters' },
    ],
  ])('notice: %s', (_name, notice, expected) => {
    expect(readSettingsBody({ ...COMPLETE, notice })).toMatchObject(expected);
  });
});
