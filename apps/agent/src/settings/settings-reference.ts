import { DEFAULT_SETTINGS_FILE } from './settings-file';
import { SETTINGS, TABLES, type SettingDescription } from './settings-schema';

/** The content of docs/agent-settings.md. */
export function settingsReference(): string {
  return `# Settings of the agent

\`npm run docs\` writes this page from the agent's own description of its settings.

The agent reads \`${DEFAULT_SETTINGS_FILE}\` if it exists, another file with \`--settings FILE\` or \`AGENT_SETTINGS\`, and
the environment on top of it. The file is [TOML](https://toml.io). Lists in environment
variables are comma-separated. An unknown setting, or a value of the wrong type, is an error that names it.

SIGHUP makes a running agent read its settings again, and the files with certificates and keys. Running sessions
continue; new ones use the new settings. If these are not valid, the agent says why in its log and keeps the old ones.

${Object.entries(TABLES).map(tableReference).join('\n')}`;
}

/** A settings file that explains every setting and sets none. */
export function exampleSettingsFile(): string {
  const head = `# Settings of remote-access-agent. Changes take effect after: systemctl reload remote-access-agent
# Environment variables, named in brackets, take precedence.
`;
  const tables = Object.entries(TABLES).map(([table, text]) => {
    const settings = settingsOf(table).map(setting => {
      const { key, variable, example, fallback } = setting;
      const name = key.slice(table.length + 1);
      const fallbackText = fallback === undefined ? '' : ` Default: ${fallback}.`;
      return `${comment(`${plain(setting.text)}${fallbackText} [${variable}]`)}\n#${name} = ${example}\n`;
    });
    return `${comment(plain(text))}\n[${table}]\n\n${settings.join('\n')}`;
  });
  return [head, ...tables].join('\n');
}

function tableReference([table, text]: readonly [string, string]): string {
  const settings = settingsOf(table).map(({ key, variable, fallback, example, text: what }) => {
    const facts = [
      `Environment: \`${variable}\``,
      `Default: ${fallback === undefined ? 'none' : `\`${fallback}\``}`,
      `Example: \`${key.slice(table.length + 1)} = ${example}\``,
    ];
    return `### \`${key}\`\n\n${what}\n\n${facts.map(fact => `- ${fact}`).join('\n')}\n`;
  });
  return `## \`[${table}]\`\n\n${text}\n\n${settings.join('\n')}`;
}

function settingsOf(table: string): SettingDescription[] {
  return SETTINGS.filter(({ key }) => key.startsWith(`${table}.`));
}

function plain(text: string): string {
  return text.replaceAll('`', '');
}

const LINE_LENGTH = 96;

/** Wraps a text into comment lines. */
function comment(text: string): string {
  const lines: string[] = [];
  let line = '#';
  for (const word of text.split(' ')) {
    if (line.length + word.length >= LINE_LENGTH) {
      lines.push(line);
      line = '#';
    }
    line += ` ${word}`;
  }
  return [...lines, line].join('\n');
}
