export { startAgent, type Agent, type AgentOptions } from './agent';
export { readAgentSettings, type AgentSettings } from './settings/agent-settings';
export { exampleSettingsFile, settingsReference } from './settings/settings-reference';
