import { availableParallelism } from 'node:os';
import { readdirSync } from 'node:fs';
import { defineConfig } from '@playwright/test';
import { isHostedByTurns } from '../fixtures/hosting';

/**
 * Debian's Chromium without background activity (updates, reports) and QUIC. The sandbox is off
 * because it does not work for root.
 */
const CHROMIUM = {
  executablePath: '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
};

/** Starts a platform of its own, and takes the longest: nothing should have to wait for it at the end. */
const FIRST = 'deployed.spec.ts';

const SPECS = readdirSync(__dirname).filter(name => name.endsWith('.spec.ts') && name !== FIRST);

export default defineConfig<object, { isHosted: boolean }>({
  testDir: '.',
  outputDir: '../../test-results',
  // Each worker has its own local stack and spends half of the time waiting for it.
  workers: availableParallelism() + 1,
  // `npm test` names each test that failed on its first attempt, and fails if there are many.
  retries: process.env['CI'] ? 1 : 0,
  forbidOnly: true,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  // `npm test` reads the report; without a file for it, it would be printed.
  reporter: process.env['PLAYWRIGHT_JSON_OUTPUT_NAME'] ? [['list'], ['json']] : [['list']],
  use: {
    browserName: 'chromium',
    launchOptions: CHROMIUM,
    viewport: { width: 1280, height: 800 },
    locale: 'en-GB',
    screenshot: 'only-on-failure',
    // Tracing every test takes a third of all CPU time; use `--trace=on` to debug.
    trace: 'off',
  },
  projects: [
    { name: 'deployed', testMatch: FIRST },
    ...[true, false].map(isHosted => ({
      name: isHosted ? 'hosted' : 'not hosted',
      testMatch: SPECS.filter(name => isHostedByTurns(name) === isHosted),
      use: { isHosted },
    })),
  ],
});
