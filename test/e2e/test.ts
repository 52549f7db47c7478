import { test as base, expect, type Locator, type Page } from '@playwright/test';
import { LocalStack } from '@remote-access/testkit';
import { PASSWORD } from '../fixtures/hosting';
import { ConsoleWatch } from './console-watch';

export { expect, PASSWORD };

/**
 * Each new browser profile compiles the shell again, which takes seconds, or much longer on a busy
 * machine.
 */
export const SHELL_WITHIN_MS = 60_000;

/** A browser in front of a local stack. */
export const test = base.extend<
  {
    /** Signs in through the page, as a user would, and waits for Device Management. */
    signInByPage: (user: string, type?: 'cookie' | 'basic') => Promise<void>;
    /** Leaves in the browser what signing in for cookies does, without opening a page. */
    signIn: (user: string) => Promise<void>;
    /** Opens a device's page, from the list of devices if that is shown. */
    openDevice: (name: string) => Promise<void>;
    /** Fails the test if the page has logged errors to the console. */
    consoleWatch: ConsoleWatch;
    /**
     * Ends the sessions that a test leaves behind: they are kept for a while, and other tests would
     * see them.
     */
    leavesNoSession: undefined;
  },
  {
    /** Whether the platform hosts the service, see {@link isHostedByTurns}. */
    isHosted: boolean;
    stack: LocalStack;
  }
>({
  isHosted: [false, { scope: 'worker', option: true }],
  stack: [
    async ({ isHosted }, use) => {
      const stack = await LocalStack.start({ env: { PASSWORD, AS_HOSTED: String(isHosted) } });
      await use(stack);
      await stack.stop();
    },
    { scope: 'worker', timeout: 180_000 },
  ],
  consoleWatch: [
    async ({ page }, use) => {
      const watch = new ConsoleWatch(page);
      await use(watch);
      expect(watch.complaints, 'complaints in the console').toEqual([]);
    },
    { auto: true },
  ],
  leavesNoSession: [
    // Does not use the page, so that the page is closed first.
    async ({ stack }, use) => {
      await use(undefined);
      const path = '/service/remoteaccess/sessions';
      const sessions = (await (await stack.fetch(path, 'admin')).json()) as { id: string }[];
      for (const { id } of sessions) {
        await stack.fetch(`${path}/${id}`, 'admin', { method: 'DELETE' });
      }
    },
    { auto: true },
  ],
  baseURL: async ({ stack }, use) => use(stack.url),
  signInByPage: async ({ page }, use) =>
    use(async (user, type = 'cookie') => {
      await page.goto('/apps/public/login/');
      await page.getByLabel('Username').fill(user);
      await page.getByLabel('Password').fill(PASSWORD);
      if (type === 'basic') {
        await page.getByText('More options').click();
        await page.getByLabel('Basic').check();
      }
      await page.getByRole('button', { name: 'Sign in' }).click();
      const heading = page.getByRole('heading', { name: 'All devices' });
      await expect(heading).toBeVisible({ timeout: SHELL_WITHIN_MS });
    }),
  signIn: async ({ context }, use) =>
    use(async username => {
      const form = { grant_type: 'PASSWORD', username, password: PASSWORD, tfa_code: '' };
      const answer = await context.request.post('/tenant/oauth?tenant_id=t1001', { form });
      expect(answer.ok()).toBe(true);
    }),
  openDevice: async ({ page, stack }, use) =>
    use(async name => {
      if (page.url() === 'about:blank') {
        const query = new URLSearchParams({ query: `$filter=(name eq '${name}')` });
        const answer = await stack.fetch(`/inventory/managedObjects?${query}`, 'admin');
        const { managedObjects } = (await answer.json()) as { managedObjects: { id: string }[] };
        await page.goto(`/apps/devicemanagement/index.html#/device/${managedObjects[0]!.id}`);
      } else {
        // By keyboard: the list may move while the page settles, even between mouse down and mouse
        // up.
        await page.getByRole('link', { name }).press('Enter');
      }
      await expect(tab(page, 'Control')).toBeVisible({ timeout: SHELL_WITHIN_MS });
    }),
});

/** A tab of a device's page; its accessible name begins with the character of its icon. */
export function tab(page: Page, name: string): Locator {
  return page.locator('c8y-tabs-outlet').getByRole('link', { name });
}
