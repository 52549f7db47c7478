import { expect, PASSWORD, SHELL_WITHIN_MS, test } from './test';

test.describe('signing in', () => {
  for (const type of ['cookie', 'basic'] as const) {
    test(`by ${type} leads to the devices`, async ({ page, signIn }) => {
      await signIn('engineer', type);
      await expect(page.getByRole('link', { name: 'Factory gateway' }).first()).toBeVisible();
    });
  }

  test('stands before everything, and leads to what was asked for', async ({ page }) => {
    await page.goto('/apps/administration/index.html#/remote-access-settings');
    await page.waitForURL('**/apps/public/login/**');
    await page.getByLabel('Username').fill('admin');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    const heading = page.getByRole('heading', { name: 'Remote access', exact: true });
    await expect(heading).toBeVisible({ timeout: SHELL_WITHIN_MS });
  });

  test('says what is wrong with a wrong password, and stays', async ({ page }) => {
    await page.goto('/apps/public/login/');
    await page.getByLabel('Username').fill('engineer');
    await page.getByLabel('Password').fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByRole('alert')).toContainText(/password/i);
    expect(page.url()).toContain('/apps/public/login/');
  });

  test('waits for the page before it sends anything', async ({ page }) => {
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

  test('takes nothing from who types before the page is through', async ({ page }) => {
    await page.route('**/sign-in.js', async route => {
      await page.getByLabel('Password').focus();
      await route.continue();
    });
    await page.goto('/apps/public/login/');
    await expect(page.getByLabel('Password')).toBeFocused();
  });

  test('starts at the user name', async ({ page }) => {
    await page.goto('/apps/public/login/');
    await expect(page.getByLabel('Username')).toBeFocused();
  });
});
