import { expect, test } from './test';

test.describe('signing in', () => {
  for (const type of ['cookie', 'basic'] as const) {
    test(`by ${type} leads to the devices`, async ({ page, signIn }) => {
      await signIn('engineer', type);
      await expect(page.getByRole('link', { name: 'Factory gateway' }).first()).toBeVisible();
    });
  }

  test('says what is wrong with a wrong password, and stays', async ({ page }) => {
    await page.goto('/');
    await page.getByLabel('Username').fill('engineer');
    await page.getByLabel('Password').fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByRole('alert')).toContainText(/password/i);
    expect(page.url()).toContain('/apps/public/login/');
  });
});
