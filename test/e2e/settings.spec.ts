import type { Page } from '@playwright/test';
import { expectAccessible } from './accessibility';
import { expect, PASSWORD, test } from './test';
import { putSettings, readSettings } from './tenant-settings';

const NOTICE = 'Notice before connecting';

test.beforeEach(({ stack }) => putSettings(stack));
test.afterEach(({ stack }) => putSettings(stack));

/** The user guide's path: Administration, Settings, Remote access. */
async function openSettings(page: Page, user = 'admin'): Promise<void> {
  await page.goto('/apps/administration/');
  await page.getByLabel('Username').fill(user);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  const navigator = page.getByRole('navigation', { name: 'Main navigation' });
  await navigator.getByRole('button', { name: 'Settings' }).first().click();
  await navigator.getByRole('button', { name: 'Remote access', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Remote access', level: 1 })).toBeVisible();
}

/** Navigates by URL, within the application. */
const goHome = (page: Page) => page.evaluate(() => window.location.assign('#/'));

const save = (page: Page) => page.getByRole('button', { name: 'Save' });

test('an administrator turns on saving host keys', async ({ page, stack }) => {
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

test('every setting can be set without a mouse and is read back', async ({ page, stack }) => {
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

test('an invalid value is reported at its field, and nothing is saved', async ({ page, stack }) => {
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

test('leaving with unsaved changes asks for confirmation', async ({ page }) => {
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

test('concurrent changes by another administrator are reported and kept', async ({
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

test('platform failures are reported, and nothing is partly saved', async ({
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

test('a user who may not change settings sees the missing permission', async ({ page }) => {
  await openSettings(page, 'engineer');
  await expect(page.getByRole('alert')).toContainText('ADMIN for "Option management"');
  await expect(save(page)).toHaveCount(0);
});

test('the page has no serious accessibility problems', async ({ page }) => {
  await openSettings(page);
  await page.getByText('Sessions have a maximum duration').click();
  await page.getByLabel('Maximum duration', { exact: true }).fill('0');
  await save(page).click();
  await expect(page.getByText('Enter a whole number, 1 or more.')).toBeVisible();
  await expectAccessible(page, 'ra-settings-page');
});

test('buttons that do not fit into one line are aligned', async ({ page }) => {
  await openSettings(page);
  await page.setViewportSize({ width: 390, height: 844 });
  const buttons = page.locator('ra-transfer-card .buttons').getByRole('button');
  await expect(buttons).toHaveCount(3);
  /** Where each line starts. */
  const starts = async (): Promise<number[]> => {
    const boxes = await Promise.all((await buttons.all()).map(async one => one.boundingBox()));
    const lines = new Map<number, number>();
    for (const { x, y } of boxes.map(box => box!)) lines.set(y, Math.min(x, lines.get(y) ?? x));
    return [...lines.values()];
  };
  await expect.poll(async () => (await starts()).length).toBeGreaterThan(1);
  expect(new Set(await starts()).size).toBe(1);
});
