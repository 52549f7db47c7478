import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import type { LocalStack } from '@remote-access/testkit';
import { expectAccessible } from './accessibility';
import { expect, tab, test } from './test';

const CONFIGURATIONS = '/service/remoteaccess/devices/1002/configurations';

const FILE = [
  'deviceId,name,hostname,port,protocol',
  '1002,Press,10.0.0.5,23,TELNET',
  '1002,Lathe,10.0.0.6,99999,TELNET',
  '1001,Elsewhere,10.0.0.7,23,TELNET',
].join('\r\n');

const file = (text: string, name = 'endpoints.csv') => ({
  name,
  mimeType: 'text/csv',
  buffer: Buffer.from(text),
});

async function names(stack: LocalStack): Promise<string[]> {
  const answer = await stack.fetch(CONFIGURATIONS, 'engineer');
  return ((await answer.json()) as { name: string }[]).map(({ name }) => name);
}

// Other tests leave endpoints on the same gateway.
test.beforeEach(({ stack }) => removeAll(stack));
test.afterEach(({ stack }) => removeAll(stack));

async function removeAll(stack: LocalStack): Promise<void> {
  const answer = await stack.fetch(CONFIGURATIONS, 'engineer');
  for (const { id } of (await answer.json()) as { id: string }[]) {
    await stack.fetch(`${CONFIGURATIONS}/${id}`, 'engineer', { method: 'DELETE' });
  }
}

async function openMenu(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'More…' }).click();
}

test('a gateway’s endpoints are imported from a file after a preview, and exported again', async ({
  page,
  stack,
  signIn,
  openDevice,
}) => {
  await signIn('engineer');
  await openDevice('Spare gateway');
  await tab(page, 'Remote access').click();
  await expect(page.getByText('No endpoints yet')).toBeVisible();

  await openMenu(page);
  await page.getByRole('button', { name: 'Import endpoints' }).click();
  const dialog = page.getByRole('dialog', { name: 'Import endpoints' });
  await dialog.locator('input[type=file]').setInputFiles(file(FILE));
  await expect(dialog.getByText('1 would be added')).toBeVisible();
  await expect(dialog.getByText('2 refused')).toBeVisible();
  const lines = dialog.getByRole('row');
  await expect(lines.filter({ hasText: 'Lathe' })).toContainText('port must be');
  await expect(lines.filter({ hasText: 'Elsewhere' })).toContainText('for gateway 1001');
  expect(await names(stack)).toEqual([]);
  await expectAccessible(page, 'ra-import-dialog');

  await dialog.getByText('Show refused lines only').click();
  await expect(lines.filter({ hasText: 'Press' })).toHaveCount(0);
  await dialog.getByRole('button', { name: 'Import', exact: true }).click();
  await expect(dialog.getByText('endpoints.csv was imported.')).toBeVisible();
  expect(await names(stack)).toEqual(['Press']);
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await expect(page.getByRole('button', { name: 'Connect to Press' })).toBeVisible();

  await openMenu(page);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Export endpoints as CSV' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('endpoints-1002.csv');
  const text = await readFile(await download.path(), 'utf8');
  expect(text).toMatch(/^\ufeff"deviceId",/);

  // What was exported and changed says which fields differ.
  await openMenu(page);
  await page.getByRole('button', { name: 'Import endpoints' }).click();
  const changed = text.replace('10.0.0.5', '10.0.0.55').replace('"23"', '"2323"');
  await dialog.locator('input[type=file]').setInputFiles(file(changed));
  await expect(lines.filter({ hasText: 'Press' })).toContainText('Fields: hostname, port');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  expect(text).toContain('"Press","10.0.0.5","23","TELNET"');
});

test('an invalid file is reported, and nothing is imported', async ({
  page,
  stack,
  signIn,
  openDevice,
  consoleWatch,
}) => {
  consoleWatch.expectStatus(400);
  await signIn('engineer');
  await openDevice('Spare gateway');
  await tab(page, 'Remote access').click();
  await openMenu(page);
  await page.getByRole('button', { name: 'Import endpoints' }).click();
  const dialog = page.getByRole('dialog', { name: 'Import endpoints' });
  const choose = (text: string) =>
    dialog.locator('input[type=file]').setInputFiles(file(text, 'x.csv'));
  await choose('name,pasword\r\nx,y');
  await expect(dialog.getByRole('alert')).toContainText('Unknown column: pasword.');
  await choose('');
  await expect(dialog.getByRole('alert')).toContainText('The file is empty.');
  await choose(`name\r\n${'x'.repeat(1_100_000)}`);
  await expect(dialog.getByRole('alert')).toContainText('larger than 1 MiB');
  await choose('[{"name": "A", "name": "B"');
  await expect(dialog.getByRole('alert')).toContainText('could not be understood');
  await expect(dialog.getByRole('button', { name: 'Import', exact: true })).toBeDisabled();
  expect(await names(stack)).toEqual([]);
});

test('a user who may only connect can export but not import', async ({
  page,
  signIn,
  openDevice,
}) => {
  await signIn('operator');
  await openDevice('Factory gateway');
  await tab(page, 'Remote access').click();
  await openMenu(page);
  await expect(page.getByRole('button', { name: 'Export endpoints as JSON' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Import endpoints' })).toHaveCount(0);
});

test('an administrator exports the endpoints of all gateways without secrets', async ({
  page,
  signIn,
}) => {
  await signIn('admin');
  await page.goto('/apps/administration/#/remote-access-settings');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Export as JSON' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('endpoints.json');
  const text = await readFile(await download.path(), 'utf8');
  const exported = JSON.parse(text) as { deviceId: string; name: string }[];
  expect(exported).toContainEqual(
    expect.objectContaining({ deviceId: '1001', name: 'Gateway shell' }),
  );
  expect(text).not.toMatch(/cipher|PRIVATE KEY|"password"/i);
});
