// On a shared machine, real servers sometimes answer late. `npm test` names each test that failed at
// its first attempt, and fails if there are more than a few.
if (process.env.CI) jest.retryTimes(1, { logErrorsBeforeRetry: true });
