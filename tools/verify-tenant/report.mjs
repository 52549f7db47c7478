import { readFileSync } from 'node:fs';
import { inRepository } from '../repository.mjs';

/**
 * @typedef {object} Result
 * @property {string} group
 * @property {{ name: string, source: string, expected: string }} check
 * @property {import('./verdict.mjs').Finding} finding
 */

/** @type {import('./verdict.mjs').Finding['verdict'][]} */
const VERDICTS = ['differs', 'agrees', 'not checked'];

/**
 * The report as Markdown, suitable for pasting into an issue.
 *
 * @param {readonly Result[]} results
 * @param {{ signIn: string, write: boolean, isHttps: boolean, left: readonly string[] }} run
 */
export function reportOf(results, { signIn, write, isHttps, left }) {
  const { version } = JSON.parse(readFileSync(inRepository('package.json'), 'utf8'));
  const counts = VERDICTS.map(
    verdict => `${results.filter(({ finding }) => finding.verdict === verdict).length} ${verdict}`,
  );
  const lines = [
    `# verify-tenant ${version}: ${counts.join(', ')}`,
    '',
    `${signIn} sign-in, ${isHttps ? 'https' : 'http'}, ${write ? 'with' : 'without'} --write`,
  ];
  for (const group of new Set(results.map(result => result.group))) {
    lines.push('', `## ${group}`, '');
    for (const { check, finding } of results.filter(result => result.group === group)) {
      lines.push(
        `- **${check.name}: ${finding.verdict}**`,
        `  - expected: ${check.expected} (source: ${check.source})`,
        `  - ${finding.verdict === 'not checked' ? 'why' : 'seen'}: ${finding.seen}`,
      );
    }
  }
  if (left.length > 0) lines.push('', 'Could not be deleted:', ...left.map(one => `- ${one}`));
  return lines.join('\n');
}

/**
 * The assumptions, as the table in docs/emulator-differences.md.
 *
 * @param {Readonly<Record<string, readonly Result['check'][]>>} groups
 */
export function listOf(groups) {
  const rows = Object.values(groups)
    .flat()
    .map(({ name, expected, source }) => `| \`${name}\` | ${expected} | ${source} |`);
  return ['| check | assumption | public source |', '| --- | --- | --- |', ...rows].join('\n');
}
