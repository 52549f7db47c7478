import { expectAccessible } from './accessibility';
import { expect, tab, test } from './test';
import { putSettings } from './tenant-settings';

const NOTICE = 'Work here is recorded.\n<b>Ask</b> the shift leader first.';

test.describe('a tenant with a notice', () => {
  test.beforeEach(({ stack, consoleWatch }) => {
    consoleWatch.expectStatus(428);
    return putSettings(stack, { notice: NOTICE });
  });
  test.afterEach(({ stack }) => putSettings(stack));

  test('shows it as plain text before connecting, and does not connect if it is declined', async ({
    page,
    signIn,
    openDevice,
  }) => {
    await signIn('operator');
    await openDevice('Factory gateway');
    await tab(page, 'Remote access').click();
    await page.getByRole('button', { name: 'Connect to Gateway shell' }).click();

    const dialog = page.getByRole('dialog', { name: 'Before you connect' });
    await expect(dialog.getByText('<b>Ask</b> the shift leader first.')).toBeVisible();
    await dialog.getByRole('button', { name: 'Do not connect' }).click();
    await expect(page.getByRole('button', { name: 'Connect to Gateway shell' })).toBeVisible();
    await expect(dialog).toHaveCount(0);

    await page.getByRole('button', { name: 'Connect to Gateway shell' }).click();
    await expect(dialog).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(dialog).toHaveCount(0);
    await expect(page.getByRole('button', { name: 'Connect to Gateway shell' })).toBeVisible();
  });

  test('declining it in one tab leaves the sessions of the others alone', async ({
    page,
    stack,
    signIn,
    openDevice,
  }) => {
    await putSettings(stack);
    await signIn('operator');
    await openDevice('Factory gateway');
    await tab(page, 'Remote access').click();
    await page.getByRole('button', { name: 'Connect to Gateway shell' }).click();
    await expect(page.getByText('Connected', { exact: true })).toBeVisible();
    await putSettings(stack, { notice: NOTICE });
    await page.getByRole('button', { name: 'New tab', exact: true }).click();
    const choice = page.getByRole('dialog', { name: 'Connect in a new tab' });
    await choice.getByRole('button', { name: 'Gateway shell' }).click();
    const dialog = page.getByRole('dialog', { name: 'Before you connect' });
    await dialog.getByRole('button', { name: 'Do not connect' }).click();
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await expect(page.locator('ra-tab-strip').getByRole('tab')).toHaveCount(1);
    await expect(page.getByText('Connected', { exact: true })).toBeVisible();
  });

  test('connects once it is accepted, and the audit log records that', async ({
    page,
    stack,
    signIn,
    openDevice,
  }) => {
    await signIn('operator');
    await openDevice('Factory gateway');
    await tab(page, 'Remote access').click();
    await page.getByRole('button', { name: 'Connect to Gateway shell' }).click();
    await page.getByRole('button', { name: 'Accept and connect' }).click();
    await expect(page.getByText('Connected', { exact: true })).toBeVisible();

    await page.getByRole('button', { name: 'Disconnect' }).click();
    await page.getByRole('button', { name: 'Reconnect' }).click();
    await expect(page.getByText('Connected', { exact: true })).toBeVisible();
    await page.getByRole('button', { name: 'Disconnect' }).click();

    const answer = await stack.fetch('/audit/auditRecords?type=Operation&pageSize=100', 'admin');
    const { auditRecords } = (await answer.json()) as { auditRecords: { text: string }[] };
    const accepted = auditRecords.filter(({ text }) => text.includes('notice accepted ('));
    expect(accepted.length).toBeGreaterThanOrEqual(2);
  });
});

test.describe('a tenant that has disabled remote access', () => {
  test.beforeEach(({ stack }) => putSettings(stack, { enabled: false }));
  test.afterEach(({ stack }) => putSettings(stack));

  test('says so before connecting, and to users who open the address of a session', async ({
    page,
    signIn,
    openDevice,
  }) => {
    const reason = page.getByText('Remote access is switched off for your tenant.');
    await signIn('operator');
    await openDevice('Factory gateway');
    await tab(page, 'Remote access').click();
    await expect(reason).toBeVisible();
    await expect(page.getByRole('button', { name: 'Connect to Gateway shell' })).toBeDisabled();
    await expectAccessible(page, 'ra-endpoints-page');
    await page.goto('/apps/devicemanagement/index.html#/device/1001/remote-access/1');
    await expect(page.getByRole('button', { name: 'Connect', exact: true })).toBeVisible();
    await expect(reason).toBeVisible();
  });
});
