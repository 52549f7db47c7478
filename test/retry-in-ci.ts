/**
 * CI runs on machines that others use too: a real server that was not scheduled for half a minute is
 * no fault of the code. What fails twice is; what failed once is logged with its error.
 */
if (process.env['CI']) jest.retryTimes(1, { logErrorsBeforeRetry: true });
