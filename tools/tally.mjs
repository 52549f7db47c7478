import { existsSync, readFileSync } from 'node:fs';

/**
 * @typedef {object} Count
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 */

/**
 * What a runner did. One that reports nothing, or no tests, has failed: an empty run proves nothing.
 *
 * @param {string} report file with the runner's own report, JSON
 * @param {number} exitCode
 * @param {(report: any) => Count} read
 * @returns {Count & { remark?: string }}
 */
export function countOf(report, exitCode, read) {
  if (!existsSync(report)) return { passed: 0, failed: 1, skipped: 0, remark: 'reported nothing' };
  const count = read(JSON.parse(readFileSync(report, 'utf8')));
  if (count.passed + count.failed + count.skipped === 0) {
    return { ...count, failed: 1, remark: 'found no tests' };
  }
  if (exitCode !== 0 && count.failed === 0) {
    return { ...count, failed: 1, remark: `reported no failure but ended with code ${exitCode}` };
  }
  return count;
}

/**
 * jest's report. A file that could not be loaded has no tests in it, but is a failure.
 *
 * @param {{ numPassedTests: number, numFailedTests: number, numPendingTests: number,
 *   numTodoTests: number, numRuntimeErrorTestSuites: number }} report
 * @returns {Count}
 */
export function fromJest(report) {
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/**
 * Playwright's report. A test that passed only when it was repeated has failed once.
 *
 * @param {{ stats: { expected: number, unexpected: number, flaky: number, skipped: number },
 *   errors: readonly unknown[] }} report
 * @returns {Count}
 */
export function fromPlaywright({ stats, errors }) {
  return {
    passed: stats.expected,
    failed: stats.unexpected + stats.flaky + errors.length,
    skipped: stats.skipped,
  };
}

/**
 * @param {readonly Count[]} counts
 * @returns {Count}
 */
export function sum(counts) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const { passed, failed, skipped } of counts) {
    total.passed += passed;
    total.failed += failed;
    total.skipped += skipped;
  }
  return total;
}

/** @param {Count} count */
export function lastLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
