import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readAgentSettings, settingsReference } from '@remote-access/agent';
import { temporaryFolder } from '@remote-access/testkit';
import { read } from './repository';

// Written by `npm run docs`.
it('docs/agent-settings.md is what the agent knows about its settings', () => {
  expect(read('docs/agent-settings.md')).toBe(settingsReference());
});

it('the settings file in docs/connect-your-gateway.md is valid and sufficient', () => {
  const [, file = ''] = /^```toml\n(.*?)^```/ms.exec(read('docs/connect-your-gateway.md')) ?? [];
  const folder = temporaryFolder('settings');
  const path = join(folder.path, 'agent.toml');
  writeFileSync(path, file);
  const { targets, transport } = readAgentSettings({}, path);
  folder.remove();
  expect([targets?.allow.length, transport]).toEqual([3, 'rest']);
});
