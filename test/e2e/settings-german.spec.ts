import { expect, PASSWORD, SHELL_WITHIN_MS, tab, test } from './test';

test.use({ locale: 'de-DE' });

test('remote access is in German in a German browser', async ({ page }) => {
  await page.goto('/apps/devicemanagement/');
  await page.getByLabel('Benutzername').fill('engineer');
  await page.getByLabel('Passwort').fill(PASSWORD);
  await page.getByRole('button', { name: 'Anmelden' }).click();
  await page.getByRole('link', { name: 'Factory gateway' }).press('Enter');
  await tab(page, 'Fernzugriff').click();
  await expect(page.getByRole('button', { name: 'Endpunkt hinzufügen' })).toBeVisible();
  await page.getByRole('button', { name: 'Mehr…' }).click();
  await page.getByRole('button', { name: 'Endpunkte importieren' }).click();
  const dialog = page.getByRole('dialog', { name: 'Endpunkte importieren' });
  const lines = ['name,hostname,port,protocol', 'A,10.0.0.5,99999,TELNET', 'B,10.0.0.5,23'];
  const buffer = Buffer.from(lines.join('\n'));
  await dialog.locator('input[type=file]').setInputFiles({
    name: 'a.csv',
    mimeType: 'text/csv',
    buffer,
  });
  await expect(dialog).toContainText('port muss eine ganze Zahl von 1 bis 65535 sein');
  await expect(dialog).toContainText('Die Zeile hat 3 Zellen, die Kopfzeile aber 4');
  await dialog.getByRole('button', { name: 'Abbrechen' }).click();
  await page.getByRole('button', { name: 'Mit Gateway shell verbinden' }).first().click();
  await expect(page.getByText('Verbunden', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Trennen' }).click();
  await expect(page.getByRole('button', { name: 'Erneut verbinden' })).toBeVisible();
});

test('the home page of the local Administration is in German', async ({ page, signIn }) => {
  await signIn('admin');
  await page.goto('/apps/administration/index.html');
  const heading = page.getByText('Wählen Sie eine Seite unter „Einstellungen“');
  await expect(heading).toBeVisible({ timeout: SHELL_WITHIN_MS });
  await expect(page.getByText(/^Diese lokale Administration enthält nur/)).toBeVisible();
});
