import { existsSync, readFileSync } from 'node:fs';

/**
 * @typedef {object} Count
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {readonly string[]} [second] titles of the tests that passed only on the second attempt
 * @property {readonly string[]} [failures] titles of the tests that failed
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
 *   numTodoTests: number, numRuntimeErrorTestSuites: number, testResults: readonly {
 *     name: string,
 *     assertionResults: readonly { fullName: string, status: string, invocations?: number }[],
 *     status: string }[] }} report
 * @returns {Count}
 */
export function fromJest(report) {
  const tests = report.testResults.flatMap(file => file.assertionResults);
  const failed = tests.filter(({ status }) => status === 'failed');
  const notLoaded = report.testResults.filter(
    file => file.status === 'failed' && file.assertionResults.length === 0,
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
    skipped: report.numPendingTests + report.numTodoTests,
    second: tests
      .filter(({ status, invocations = 1 }) => status === 'passed' && invocations > 1)
      .map(({ fullName }) => fullName),
    failures: [...failed.map(({ fullName }) => fullName), ...notLoaded.map(({ name }) => name)],
  };
}

/**
 * @typedef {object} PlaywrightSuite
 * @property {readonly PlaywrightSuite[]} [suites]
 * @property {readonly { title: string, tests: readonly { status: string }[] }[]} [specs]
 */

/**
 * Reads Playwright's report.
 *
 * @param {{ stats: { expected: number, unexpected: number, flaky: number, skipped: number },
 *   errors: readonly unknown[], suites: readonly PlaywrightSuite[] }} report
 * @returns {Count}
 */
export function fromPlaywright({ stats, errors, suites }) {
  return {
    passed: stats.expected + stats.flaky,
    failed: stats.unexpected + errors.length,
    skipped: stats.skipped,
    second: suites.flatMap(suite => titlesOf(suite, 'flaky')),
    failures: suites.flatMap(suite => titlesOf(suite, 'unexpected')),
  };
}

/**
 * @param {PlaywrightSuite} suite
 * @param {'flaky' | 'unexpected'} status
 * @returns {string[]}
 */
function titlesOf({ suites = [], specs = [] }, status) {
  const found = specs.filter(({ tests }) => tests.some(test => test.status === status));
  return [...found.map(({ title }) => title), ...suites.flatMap(suite => titlesOf(suite, status))];
}

/**
 * A few tests of real servers on a busy machine may need a second attempt. More than that indicate
 * a fault of the product or of its tests.
 */
const SECOND_ATTEMPTS = 3;

/**
 * Adds up the runners' counts. If more than {@link SECOND_ATTEMPTS} tests needed a second attempt,
 * all of these count as failed.
 *
 * @param {readonly Count[]} counts
 * @returns {Count & { second: readonly string[], failures: readonly string[] }}
 */
export function sum(counts) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const { passed, failed, skipped } of counts) {
    total.passed += passed;
    total.failed += failed;
    total.skipped += skipped;
  }
  const second = counts.flatMap(count => count.second ?? []);
  if (second.length > SECOND_ATTEMPTS) {
    total.passed -= second.length;
    total.failed += second.length;
  }
  return { ...total, second, failures: counts.flatMap(count => count.failures ?? []) };
}

/** @param {Count} count */
export function summaryOf({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
