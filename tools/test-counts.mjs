import { existsSync, readFileSync } from 'node:fs';

/**
 * @typedef {object} Count
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 */

/**
 * Reads a runner's report. A missing report and a report without tests count as failures: an empty run
 * proves nothing.
 *
 * @param {string} report JSON file that the runner wrote
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
 * Reads Jest's report. A spec file that could not be loaded contains no tests but is a failure.
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
 * Reads Playwright's report. A test that passed only on a retry counts as failed.
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
export function summaryOf({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
