/** Settings with which the agent cannot start; all that is wrong with them at once. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';

  constructor(readonly problems: readonly string[]) {
    super(`Cannot start:\n${problems.map(problem => `- ${problem}`).join('\n')}`);
  }
}
