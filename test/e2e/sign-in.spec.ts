import { LocalStack } from '@remote-access/testkit';
import { expect, PASSWORD, SHELL_WITHIN_MS, test } from './test';

test.describe('signing in', () => {
  for (const type of ['cookie', 'basic'] as const) {
    test(`with ${type} leads to the devices`, async ({ page, signInByPage }) => {
      await signInByPage('engineer', type);
      await expect(page.getByRole('link', { name: 'Factory gateway' }).first()).toBeVisible();
    });
  }

  test('with the link that npm start prints works once, and leaves no secret in the address', async ({
    page,
    browser,
  }) => {
    // The sign-in link of the shared stack may have expired.
    const stack = await LocalStack.start();
    const [link = ''] = /http:\S+\/sign-in\?code=\S+/.exec(stack.output) ?? [];
    await page.goto(link);
    const heading = page.getByRole('heading', { name: 'All devices' });
    await expect(heading).toBeVisible({ timeout: SHELL_WITHIN_MS });
    await expect(page.getByRole('link', { name: 'Factory gateway' }).first()).toBeVisible();
    expect(page.url()).not.toContain('code');
    await page.goBack();
    expect(page.url()).toBe('about:blank');

    const other = await browser.newPage();
    await other.goto(link);
    await expect(other.getByRole('heading')).toHaveText('This link is no longer valid');
    await other.getByRole('link', { name: 'Go to Device Management' }).click();
    await expect(other.getByRole('heading')).toHaveText('Sign in');
    await other.close();
    await page.close();
    await stack.stop();
  });

  test('is required first and then leads to the requested page', async ({ page }) => {
    await page.goto('/apps/administration/index.html#/remote-access-settings');
    await page.waitForURL('**/apps/public/login/**');
    await page.getByLabel('Username').fill('admin');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    const heading = page.getByRole('heading', { name: 'Remote access', exact: true });
    await expect(heading).toBeVisible({ timeout: SHELL_WITHIN_MS });
  });

  test('reports a wrong password and stays on the page', async ({ page }) => {
    await page.goto('/apps/public/login/');
    await page.getByLabel('Username').fill('engineer');
    await page.getByLabel('Password').fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByRole('alert')).toContainText(/password/i);
    expect(page.url()).toContain('/apps/public/login/');
  });

  test('is disabled until the page has loaded', async ({ page }) => {
    let release = (): void => undefined;
    const held = new Promise<void>(resolve => (release = resolve));
    await page.route('**/sign-in.js', async route => {
      await held;
      await route.continue();
    });
    await page.goto('/apps/public/login/', { waitUntil: 'commit' });
    const button = page.getByRole('button', { name: 'Sign in' });
    await expect(button).toBeDisabled();
    release();
    await expect(button).toBeEnabled();
  });

  test('does not take the focus from a user who types while the page loads', async ({ page }) => {
    await page.route('**/sign-in.js', async route => {
      await page.getByLabel('Password').focus();
      await route.continue();
    });
    await page.goto('/apps/public/login/');
    await expect(page.getByLabel('Password')).toBeFocused();
  });

  test('starts with the focus on the user name', async ({ page }) => {
    await page.goto('/apps/public/login/');
    await expect(page.getByLabel('Username')).toBeFocused();
  });
});
