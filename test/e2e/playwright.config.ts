import { availableParallelism } from 'node:os';
import { defineConfig } from '@playwright/test';

/**
 * Debian's Chromium, without what it would do on its own account (updates, reports, QUIC); as root it
 * has no sandbox.
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

export default defineConfig({
  testDir: '.',
  outputDir: '../../test-results',
  // Each has a local stack of its own; half of the time they wait for it.
  workers: availableParallelism() + 1,
  retries: 0,
  forbidOnly: true,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: [['list'], ['json']],
  use: {
    browserName: 'chromium',
    launchOptions: CHROMIUM,
    viewport: { width: 1280, height: 800 },
    locale: 'en-GB',
    screenshot: 'only-on-failure',
    // A trace of each test takes a third of all CPU time; `--trace=on` is for who looks for something.
    trace: 'off',
  },
});
