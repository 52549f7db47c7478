import type { Page } from '@playwright/test';
import { expectAccessible } from './accessibility';
import { expect, test } from './test';
import { putSettings, readSettings } from './tenant-settings';

const NOTICE = 'Notice before connecting';

test.beforeEach(({ stack }) => putSettings(stack));
test.afterEach(({ stack }) => putSettings(stack));

/** As the product's user guide says: the page Remote access under Settings in Administration. */
async function openSettings(page: Page, user = 'admin'): Promise<void> {
  await page.goto('/apps/administration/');
  await page.getByLabel('Username').fill(user);
  await page.getByLabel('Password').fill('remote-access');
  await page.getByRole('button', { name: 'Sign in' }).click();
  const navigator = page.getByRole('navigation', { name: 'Main navigation' });
  await navigator.getByRole('button', { name: 'Settings' }).first().click();
  await navigator.getByRole('button', { name: 'Remote access' }).click();
  await expect(page.getByRole('heading', { name: 'Remote access', level: 1 })).toBeVisible();
}

/** By the address, within the application. */
const goHome = (page: Page) => page.evaluate(() => window.location.assign('#/'));

const save = (page: Page) => page.getByRole('button', { name: 'Save' });

test('an administrator turns on that host keys are kept', async ({ page, stack }) => {
  await openSettings(page);
  const autosave = page.getByRole('checkbox', { name: 'Auto-save host key' });
  await expect(autosave).not.toBeChecked();
  await expect(save(page)).toBeDisabled();
  await page.getByText('Auto-save host key', { exact: true }).click();
  await save(page).click();
  await expect(page.getByText('Remote access settings saved.')).toBeVisible();
  expect(await readSettings(stack)).toMatchObject({ hostKeyAutosave: true });
  await page.reload();
  await expect(autosave).toBeChecked();
});

test('every setting is set, without a mouse, and read back', async ({ page, stack }) => {
  await openSettings(page);
  await page.getByRole('checkbox', { name: 'Remote access for this tenant' }).focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('Tab');
  await page.keyboard.type('Work here is recorded.');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Space');
  await page.keyboard.press('Tab');
  await page.keyboard.type('2');
  await page.keyboard.press('Tab');
  await page.keyboard.type('min');
  await page.keyboard.press('Tab');
  await page.keyboard.type('90');
  await page.keyboard.press('Tab');
  await page.keyboard.type('sec');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Space');
  await page.keyboard.press('Tab');
  await expect(page.getByLabel('Maximum duration', { exact: true })).toBeFocused();
  await page.keyboard.type('12');
  await page.keyboard.press('Enter');
  await expect(page.getByText('Remote access settings saved.')).toBeVisible();
  expect(await readSettings(stack)).toMatchObject({
    enabled: false,
    hostKeyAutosave: true,
    operationTimeoutSeconds: 120,
    idleTimeoutMs: 90_000,
    maxDurationSeconds: 12 * 3_600,
    notice: 'Work here is recorded.',
  });
  await page.reload();
  await expect(page.getByLabel('Connection timeout', { exact: true })).toHaveValue('2');
  await expect(page.getByLabel('Connection timeout: unit')).toHaveValue('minutes');
});

test('a wrong value is told beside its field, and nothing is sent', async ({ page, stack }) => {
  await openSettings(page);
  const timeout = page.getByLabel('Connection timeout', { exact: true });
  await timeout.fill('4');
  await save(page).click();
  await expect(page.getByText('At least 5 seconds.')).toBeVisible();
  await expect(timeout).toBeFocused();
  await expect(timeout).toHaveAccessibleDescription(/At least 5 seconds\./);
  await timeout.fill('');
  await expect(page.getByText('Enter a whole number, 1 or more.')).toBeVisible();
  await page.getByLabel(NOTICE).fill('x'.repeat(2_001));
  await page.getByLabel(NOTICE).blur();
  await expect(
    page.getByText('Enter at most 2000 characters. You have entered 2001.'),
  ).toBeVisible();
  expect(await readSettings(stack)).toMatchObject({ operationTimeoutSeconds: 30, notice: null });
  await page.getByRole('button', { name: 'Discard' }).click();
  await expect(timeout).toHaveValue('30');
  await expect(page.getByText('At most 2000 characters')).toHaveCount(0);
});

test('changes that are not saved are not lost unasked', async ({ page }) => {
  await openSettings(page);
  await page.getByLabel(NOTICE).fill('Half a sent');
  await goHome(page);
  await page.getByRole('button', { name: 'Stay' }).click();
  await expect(page.getByRole('button', { name: 'Leave' })).toHaveCount(0);
  await expect(page.getByLabel(NOTICE)).toHaveValue('Half a sent');
  await goHome(page);
  await page.getByRole('button', { name: 'Leave' }).click();
  await expect(page.getByLabel(NOTICE)).toHaveCount(0);
});

test('what another administrator has changed meanwhile is told and kept', async ({
  page,
  stack,
  consoleWatch,
}) => {
  consoleWatch.expectStatus(409);
  await openSettings(page);
  await page.getByLabel(NOTICE).fill('Mine');
  await page.getByLabel('Idle timeout', { exact: true }).fill('2');
  await putSettings(stack, { hostKeyAutosave: true, notice: 'Theirs' });
  await save(page).click();
  const told = page.getByRole('alert').filter({ hasText: 'Someone else has changed' });
  await expect(told).toContainText('Auto-save host key: changed by the other user');
  await expect(told).toContainText('Notice: changed by both; the form shows your value');
  await expect(page.getByRole('checkbox', { name: 'Auto-save host key' })).toBeChecked();
  expect(await readSettings(stack)).toMatchObject({ notice: 'Theirs', idleTimeoutMs: 3_600_000 });
  await save(page).click();
  await expect(page.getByText('Remote access settings saved.')).toBeVisible();
  expect(await readSettings(stack)).toMatchObject({
    hostKeyAutosave: true,
    notice: 'Mine',
    idleTimeoutMs: 7_200_000,
  });
});

test('when the platform fails that is told, and nothing is half written', async ({
  page,
  stack,
  consoleWatch,
}) => {
  for (const status of [502, 504]) consoleWatch.expectStatus(status);
  await openSettings(page);
  await page.getByText('Auto-save host key', { exact: true }).click();
  await page.getByLabel(NOTICE).fill('Please fail-500');
  await save(page).click();
  const told = page.getByRole('alert').filter({ hasText: 'Nothing was saved.' });
  await expect(told).toContainText('Cumulocity answered with an error');
  expect(await readSettings(stack)).toMatchObject({ hostKeyAutosave: false, notice: null });
  await page.getByLabel(NOTICE).fill('Please slow-7s');
  await save(page).click();
  await expect(told).toContainText('Cumulocity did not answer in time');
  await page.getByLabel(NOTICE).fill('Please');
  await save(page).click();
  await expect(page.getByText('Remote access settings saved.')).toBeVisible();
  expect(await readSettings(stack)).toMatchObject({ hostKeyAutosave: true, notice: 'Please' });
});

test('who may not change settings is told what is missing', async ({ page }) => {
  await openSettings(page, 'engineer');
  await expect(page.getByRole('alert')).toContainText('ADMIN for "Option management"');
  await expect(save(page)).toHaveCount(0);
});

test('the page has no serious barrier', async ({ page }) => {
  await openSettings(page);
  await page.getByText('Sessions have a maximum duration').click();
  await page.getByLabel('Maximum duration', { exact: true }).fill('0');
  await save(page).click();
  await expect(page.getByText('Enter a whole number, 1 or more.')).toBeVisible();
  await expectAccessible(page, 'ra-settings-page');
});
