// Servers of this machine answer late at times where others use it too. `npm test` names each test
// that failed at its first attempt, and fails if there are more than a few.
if (process.env.CI) jest.retryTimes(1, { logErrorsBeforeRetry: true });
