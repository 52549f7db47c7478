import { SETTING_LIMITS, type RemoteAccessSettings } from '@remote-access/contracts';
import { durationOf } from './duration';
import { DURATION_BOUNDS, draftOf, problemsOf, settingsOf } from './settings-draft';

const SETTINGS: RemoteAccessSettings = {
  enabled: true,
  hostKeyAutosave: false,
  operationTimeoutSeconds: 30,
  idleTimeoutMs: 3_600_000,
  maxDurationSeconds: 0,
  resumeSeconds: 120,
  watch: 'told',
  notice: null,
  deviceAdmission: 'owner',
  auditRequired: true,
  tokenInAddress: false,
  malformedKeys: false,
};
const DRAFT = draftOf(SETTINGS);

describe('a draft of the settings', () => {
  it.each([
    SETTINGS,
    { ...SETTINGS, maxDurationSeconds: 7_201, notice: 'Be nice.\nAlways.' },
    { ...SETTINGS, idleTimeoutMs: 15_500 },
    { ...SETTINGS, resumeSeconds: 0 },
    { ...SETTINGS, resumeSeconds: 90 },
  ])('converts back to the same settings: %j', settings => {
    expect(settingsOf(draftOf(settings))).toEqual(settings);
  });

  it('has no problems at first', () => {
    expect(problemsOf(DRAFT)).toEqual({});
  });

  it('suggests a maximum duration that counts once it is switched on', () => {
    expect(settingsOf({ ...DRAFT, limited: true })).toMatchObject({ maxDurationSeconds: 28_800 });
    const unlimited = { ...DRAFT, maxDuration: { amount: null, unit: 'days' as const } };
    expect(problemsOf(unlimited)).toEqual({});
    expect(Object.keys(problemsOf({ ...unlimited, limited: true }))).toEqual(['maxDuration']);
  });

  it.each([
    ['operationTimeout', SETTING_LIMITS.operationTimeoutSeconds, 1_000],
    ['idleTimeout', SETTING_LIMITS.idleTimeoutMs, 1],
    ['maxDuration', { least: 1, most: SETTING_LIMITS.maxDurationSeconds.most }, 1_000],
    ['resume', { least: 1, most: SETTING_LIMITS.resumeSeconds.most }, 1_000],
  ] as const)(
    'has the bounds of the service for %s, and its messages name them',
    (name, limits, unitMs) => {
      const bounds = DURATION_BOUNDS[name];
      expect(bounds.least.ms).toBe(limits.least * unitMs);
      expect(bounds.most.ms).toBe(limits.most * unitMs);
      for (const { ms, message } of Object.values(bounds)) {
        const { amount, unit } = durationOf(ms);
        expect(message).toContain(` ${amount} ${amount === 1 ? unit.slice(0, -1) : unit}.`);
        expect(problemsOf({ ...DRAFT, limited: true, [name]: durationOf(ms) })).toEqual({});
      }
      const beyond = { amount: bounds.most.ms / 1_000 + 1, unit: 'seconds' as const };
      expect(problemsOf({ ...DRAFT, limited: true, [name]: beyond })).toEqual({
        [name]: { text: bounds.most.message },
      });
    },
  );

  it.each([
    [' x'.repeat(1_000), false],
    ['x'.repeat(2_000), false],
    ['x'.repeat(2_001), true],
    ['tab\tand\r\nline', false],
    ['escape \u001b[31m', true],
  ])('accepts a notice up to the maximum length, without control characters', (notice, wrong) => {
    expect('notice' in problemsOf({ ...DRAFT, notice })).toBe(wrong);
  });
});
