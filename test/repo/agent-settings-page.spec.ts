import { settingsReference } from '@remote-access/agent';
import { read } from './repository';

// Written by `npm run docs`.
it('docs/agent-settings.md is what the agent knows about its settings', () => {
  expect(read('docs/agent-settings.md')).toBe(settingsReference());
});
