import { existsSync, readFileSync, statSync } from 'node:fs';
import { SettingsError } from '@remote-access/settings';
import { parse, TomlError } from 'smol-toml';
import { SETTINGS, type SettingDescription } from './settings-schema';

/** Read if it exists and no other file is named. */
export const DEFAULT_SETTINGS_FILE = '/etc/remote-access-agent/agent.toml';

/** The settings of a file as texts, keyed by environment variable. */
export type SettingTexts = Record<string, string | undefined>;

/**
 * Reads a settings file in TOML. Each value must have the setting's type; lists become
 * comma-separated texts.
 *
 * @throws SettingsError listing every problem
 */
export function readSettingsFile(path: string): SettingTexts {
  const texts: SettingTexts = {};
  const problems: string[] = [];
  for (const [table, content] of Object.entries(parseFile(path))) {
    if (typeof content !== 'object' || content === null || Array.isArray(content)) {
      problems.push(`${path}: "${table}" belongs in a table, such as [platform]`);
      continue;
    }
    for (const [name, value] of Object.entries(content)) {
      const key = `${table}.${name}`;
      const setting = SETTINGS.find(one => one.key === key);
      const text = setting && textOf(setting, value);
      if (!setting) problems.push(`${path}: there is no setting ${key}`);
      else if (text === undefined) problems.push(`${path}: ${key} must be ${typeName(setting)}`);
      else texts[setting.variable] = text;
    }
  }
  if (problems.length > 0) throw new SettingsError(problems);
  return texts;
}

/** Whether users other than the owner may read a file. */
export function isReadableByOthers(path: string): boolean {
  return existsSync(path) && (statSync(path).mode & 0o007) !== 0;
}

function parseFile(path: string): Record<string, unknown> {
  try {
    return parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    if (cause instanceof TomlError) {
      const [what = ''] = cause.message.split('\n', 1);
      throw new SettingsError([`${path}, line ${cause.line}: ${what}`]);
    }
    throw new SettingsError([`${path} cannot be read: ${(cause as Error).message}`]);
  }
}

function textOf({ kind }: SettingDescription, value: unknown): string | undefined {
  switch (kind) {
    case 'number':
      return typeof value === 'number' || typeof value === 'bigint' ? String(value) : undefined;
    case 'list':
      return isTexts(value) ? value.join(',') : undefined;
    case 'command':
      return isTexts(value) ? JSON.stringify(value) : undefined;
    case 'text':
    case 'secret':
    case 'url':
    case 'path':
      return typeof value === 'string' ? value : undefined;
    default:
      return kind satisfies never;
  }
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(one => typeof one === 'string');
}

function typeName({ kind }: SettingDescription): string {
  if (kind === 'number') return 'a number';
  return kind === 'list' || kind === 'command' ? 'a list of texts' : 'a text';
}
