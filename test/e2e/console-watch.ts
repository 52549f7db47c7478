import type { Page } from '@playwright/test';

/** What may stand in the console of a page that is well, and why. */
const EXPECTED: readonly RegExp[] = [
  // Chromium itself writes one for each answer of 4xx, and these are what some flows are about: who
  // is not signed in yet, who may not, and what the service finds wrong in what was entered.
  /^Failed to load resource: the server responded with a status of (40[134]|422) /,
  // The Web SDK says so before it leads to the page where one signs in.
  /^User is not logged in /,
  // The Web SDK's list of operations (c8y-operations-list, the Control tab) changes while it is
  // drawn. Where the same happens to a template of ours, the stack names a file of the plugin.
  /^ERROR \w+: NG0100: (?![\s\S]*\/apps\/remote-access-plugin\/)/,
  // noVNC writes there what it also tells the page, which shows it.
  /^Failed when connecting: Security negotiation failed /,
];

/**
 * Listens to what a page complains about: errors in the console, and those that nobody caught. The
 * shell's build leaves Angular in development mode, as it leaves most of the Web SDK's own checks, so
 * a value that changes while it is being drawn (NG0100) is among them.
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

  /** An answer that the flow brings about on purpose. */
  expectStatus(status: number): void {
    this.provoked.push(new RegExp(`^Failed to load resource: .* status of ${status} `));
  }
}
