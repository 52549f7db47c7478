import { expect, PASSWORD, tab, test } from './test';

test.use({ locale: 'de-DE' });

test('remote access is in German in a German browser', async ({ page }) => {
  await page.goto('/apps/devicemanagement/');
  await page.getByLabel('Benutzername').fill('engineer');
  await page.getByLabel('Passwort').fill(PASSWORD);
  await page.getByRole('button', { name: 'Anmelden' }).click();
  await page.getByRole('link', { name: 'Factory gateway' }).press('Enter');
  await tab(page, 'Fernzugriff').click();
  await expect(page.getByRole('button', { name: 'Endpunkt hinzufügen' })).toBeVisible();
  await page.getByRole('button', { name: 'Mit Gateway shell verbinden' }).first().click();
  await expect(page.getByText('Verbunden', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Trennen' }).click();
  await expect(page.getByRole('button', { name: 'Erneut verbinden' })).toBeVisible();
});
