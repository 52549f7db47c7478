import type { Page } from '@playwright/test';

/** Console errors that a healthy page may log, and why. */
const EXPECTED: readonly RegExp[] = [
  // Chromium logs every 4xx response, and some flows cause them on purpose: not signed in yet, not
  // permitted, not found, or rejected by validation.
  /^Failed to load resource: the server responded with a status of (40[134]|422) /,
  // The Web SDK logs this before it redirects to the sign-in page.
  /^User is not logged in /,
  // noVNC logs the failure that it also reports to the page, which shows it.
  /^Failed when connecting: Security negotiation failed /,
];

/**
 * Collects a page's console errors and uncaught exceptions, including all errors of Angular. A page
 * that runs Angular in development mode also counts as an error.
 */
export class ConsoleWatch {
  readonly complaints: string[] = [];
  private readonly provoked: RegExp[] = [];

  constructor(page: Page) {
    page.on('pageerror', error => this.complaints.push(String(error)));
    page.on('load', () => void this.checkMode(page));
    page.on('console', message => {
      if (message.type() !== 'error') return;
      const text = `${message.text()} (${message.location().url})`;
      const expected = [...EXPECTED, ...this.provoked].some(one => one.test(text));
      if (!expected) this.complaints.push(text);
    });
  }

  private async checkMode(page: Page): Promise<void> {
    // Read once the page has started Angular, if the page still exists.
    const started = page.waitForFunction(() => document.querySelector('[ng-version]') !== null);
    const isDevelopment = await started
      .then(() => page.evaluate(() => 'ng' in window))
      .catch(() => false);
    if (isDevelopment) this.complaints.push(`Angular runs in its development mode (${page.url()})`);
  }

  /** Allows an error status that the flow causes on purpose. */
  expectStatus(status: number): void {
    this.provoked.push(new RegExp(`^Failed to load resource: .* status of ${status} `));
  }
}
