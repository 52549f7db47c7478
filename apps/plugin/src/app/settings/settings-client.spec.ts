import type { RemoteAccessSettings } from '@remote-access/contracts';
import { mergeSettings, sameSettings } from './settings-client';

const BASE: RemoteAccessSettings = {
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

describe('concurrent changes of two administrators', () => {
  it('are both kept if the settings differ', () => {
    const mine = { ...BASE, hostKeyAutosave: true };
    const theirs = { ...BASE, notice: 'Be nice.' };
    expect(mergeSettings(BASE, mine, theirs)).toEqual({
      settings: { ...BASE, hostKeyAutosave: true, notice: 'Be nice.' },
      taken: ['notice'],
      conflicting: [],
    });
  });

  it("to the same setting keep the user's own value and report a conflict", () => {
    const mine = { ...BASE, idleTimeoutMs: 60_000 };
    const theirs = { ...BASE, idleTimeoutMs: 90_000 };
    expect(mergeSettings(BASE, mine, theirs)).toEqual({
      settings: mine,
      taken: [],
      conflicting: ['idleTimeoutMs'],
    });
  });

  it('cancel out if they are equal', () => {
    const both = { ...BASE, enabled: false };
    const merged = mergeSettings(BASE, both, both);
    expect(merged).toEqual({ settings: both, taken: [], conflicting: [] });
    expect(sameSettings(merged.settings, both)).toBe(true);
    expect(sameSettings(BASE, both)).toBe(false);
  });
});
