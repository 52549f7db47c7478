import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');

/** Evaluates an expression with the tool's functions in Node, because tools are ES modules. */
function evaluate(expression: string): unknown {
  const script =
    "import { fromJest, fromPlaywright, sum } from './tools/test-counts.mjs';" +
    `console.log(JSON.stringify(${expression}));`;
  const args = ['--input-type=module', '--eval', script];
  return JSON.parse(execFileSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' }));
}

describe('the count of npm test', () => {
  it('names the tests that Jest tried twice and those that failed', () => {
    const assertionResults = [
      { fullName: 'at once', status: 'passed', invocations: 1 },
      { fullName: 'later', status: 'passed', invocations: 2 },
      { fullName: 'never', status: 'failed', invocations: 2 },
    ];
    const report = {
      numPassedTests: 2,
      numFailedTests: 1,
      numPendingTests: 0,
      numTodoTests: 0,
      numRuntimeErrorTestSuites: 1,
      testResults: [
        { name: 'some.spec.ts', status: 'failed', assertionResults },
        { name: 'not-loaded.spec.ts', status: 'failed', assertionResults: [] },
      ],
    };
    expect(evaluate(`fromJest(${JSON.stringify(report)})`)).toEqual({
      passed: 2,
      failed: 2,
      skipped: 0,
      second: ['later'],
      failures: ['never', 'not-loaded.spec.ts'],
    });
  });

  it('names the tests that Playwright tried twice and those that failed', () => {
    const report = {
      stats: { expected: 3, unexpected: 1, flaky: 1, skipped: 0 },
      errors: [],
      suites: [
        {
          specs: [{ title: 'at once', tests: [{ status: 'expected' }] }],
          suites: [
            {
              specs: [
                { title: 'later', tests: [{ status: 'flaky' }] },
                { title: 'never', tests: [{ status: 'unexpected' }] },
              ],
            },
          ],
        },
      ],
    };
    expect(evaluate(`fromPlaywright(${JSON.stringify(report)})`)).toEqual({
      passed: 4,
      failed: 1,
      skipped: 0,
      second: ['later'],
      failures: ['never'],
    });
  });

  it.each([
    [3, { passed: 10, failed: 0 }],
    [4, { passed: 6, failed: 4 }],
  ])('with %i second attempts is %o', (number, expected) => {
    const second = Array.from({ length: number }, (_, index) => `test ${index}`);
    const counts = [
      { passed: 4, failed: 0, skipped: 0, failures: ['never'] },
      { passed: 6, failed: 0, skipped: 0, second },
    ];
    const failures = ['never'];
    expect(evaluate(`sum(${JSON.stringify(counts)})`)).toMatchObject({
      ...expected,
      second,
      failures,
    });
  });
});
