import type { Page } from '@playwright/test';

/** Console errors that a healthy page may log, and why. */
const EXPECTED: readonly RegExp[] = [
  // Chromium logs every 4xx response, and some flows cause them on purpose: not signed in yet, not
  // permitted, not found, or rejected by validation.
  /^Failed to load resource: the server responded with a status of (40[134]|422) /,
  // The Web SDK logs this before it redirects to the sign-in page.
  /^User is not logged in /,
  // The Web SDK's list of operations (c8y-operations-list, the Control tab) changes while it is
  // rendered. If one of our templates does that, the stack trace names a file of the plugin.
  /^ERROR \w+: NG0100: (?![\s\S]*\/apps\/remote-access-plugin\/)/,
  // noVNC logs the failure that it also reports to the page, which shows it.
  /^Failed when connecting: Security negotiation failed /,
];

/**
 * Collects console errors and uncaught exceptions of a page. The shell is built in Angular's
 * development mode, with most of the Web SDK's own checks, so these include values that change
 * during rendering (NG0100).
 */
export class ConsoleWatch {
  readonly complaints: string[] = [];
  private readonly provoked: RegExp[] = [];

  constructor(page: Page) {
    page.on('pageerror', error => this.complaints.push(String(error)));
    page.on('console', message => {
      if (message.type() !== 'error') return;
      const text = `${message.text()} (${message.location().url})`;
      const expected = [...EXPECTED, ...this.provoked].some(one => one.test(text));
      if (!expected) this.complaints.push(text);
    });
  }

  /** Allows an error status that the flow causes on purpose. */
  expectStatus(status: number): void {
    this.provoked.push(new RegExp(`^Failed to load resource: .* status of ${status} `));
  }
}
