import type { Page } from '@playwright/test';
import type { LocalStack } from '@remote-access/testkit';
import { startXvnc, type Xvnc } from '@remote-access/testkit';
import { expectAccessible } from './accessibility';
import { putSettings } from './tenant-settings';
import { connectTo, screenText, typeLine } from './terminal-page';
import { expect, test } from './test';
import { addVncEndpoint } from './vnc-endpoint';

test.afterEach(({ stack }) => putSettings(stack));

/** The gateway's tab in a separate browser with a signed-in user. */
async function tabOf(stack: LocalStack, page: Page, user: string): Promise<void> {
  const credentials = stack.authorization(user).replace('Basic ', '');
  await page.addInitScript(stored => sessionStorage.setItem('_tcy8', stored), credentials);
  await page.goto(`${stack.url}/apps/devicemanagement/index.html#/device/1001/remote-access`);
}

test('a user watches a terminal, and gets the keyboard for a while', async ({
  page,
  browser,
  stack,
  signIn,
  openDevice,
}) => {
  await signIn('operator');
  await openDevice('Factory gateway');
  await connectTo(page, 'Gateway shell');
  await typeLine(page, "clear; echo be''fore");
  await expect.poll(() => screenText(page)).toMatch(/^before$/m);

  const context = await browser.newContext();
  const other = await context.newPage();
  await tabOf(stack, other, 'engineer');
  const name = 'Watch the session of operator on Gateway shell';
  await other.getByRole('button', { name }).click({ timeout: 60_000 });
  await expect(other.getByText('You are watching operator, who has the keyboard.')).toBeVisible();
  await expect.poll(() => screenText(other)).toMatch(/^before$/m);
  await expectAccessible(other, 'ra-watch-page');
  await test.step('the page names the machine', async () => {
    await expect(other.locator('ra-watch-page .machine')).toHaveText(
      /Gateway shell.*@127\.0\.0\.1:\d+ · Factory gateway/,
    );
    await expect(other).toHaveTitle(/^Watching: Gateway shell – .* – Factory gateway$/);
  });

  await expect(page.getByText('engineer is watching this session.')).toBeVisible();
  await expectAccessible(page, 'ra-session-page');
  await page.locator('.xterm-helper-textarea').focus();
  await typeLine(page, "echo sh''own");
  await expect.poll(() => screenText(other)).toMatch(/^shown$/m);

  await test.step('what a watcher types has no effect', async () => {
    await other.locator('.xterm-helper-textarea').focus();
    await typeLine(other, "echo un''seen");
  });

  await page.getByRole('button', { name: 'Hand over the keyboard' }).click();
  await expect(other.getByText('You have the keyboard of operator.')).toBeVisible();
  await expect(page.getByText('engineer is watching and has the keyboard.')).toBeVisible();
  await test.step('what the user types is held back meanwhile', async () => {
    await expect(
      page.getByText(/Until you take it back, what you type is not sent\./),
    ).toBeVisible();
    await page.locator('.xterm-helper-textarea').focus();
    await typeLine(page, "echo be''tween");
  });
  await other.locator('.xterm-helper-textarea').focus();
  await typeLine(other, "echo hel''ped");
  await expect.poll(() => screenText(page)).toMatch(/^helped$/m);
  await expect.poll(() => screenText(other)).toMatch(/^helped$/m);
  expect(await screenText(page)).not.toContain('unseen');
  expect(await screenText(page)).not.toContain('tween');

  await page.getByRole('button', { name: 'Take the keyboard back' }).click();
  await expect(other.getByText('You are watching operator, who has the keyboard.')).toBeVisible();
  await page.getByRole('button', { name: 'Disconnect' }).click();
  await expect(other.getByRole('button', { name: 'Watch again' })).toBeVisible();
  await context.close();
});

test('a user who is asked declines, then allows', async ({
  page,
  browser,
  stack,
  signIn,
  openDevice,
}) => {
  await putSettings(stack, { watch: 'consent' });
  await signIn('operator');
  await openDevice('Factory gateway');
  await connectTo(page, 'Gateway shell');
  const context = await browser.newContext();
  const other = await context.newPage();
  await tabOf(stack, other, 'engineer');
  const name = 'Watch the session of operator on Gateway shell';
  await other.getByRole('button', { name }).click({ timeout: 60_000 });
  await expect(other.getByText('Waiting for operator to agree…')).toBeVisible();
  await expect(page.getByText(/engineer wants to watch this session/)).toBeVisible();
  await expectAccessible(page, 'ra-session-page');
  await page.getByRole('button', { name: 'Decline' }).click();
  await expect(
    other.getByText('The user of the session does not want to be watched.'),
  ).toBeVisible();
  await other.getByRole('button', { name: 'Watch again' }).click();
  await page.getByRole('button', { name: 'Allow' }).click();
  await expect.poll(() => screenText(other)).toMatch(/[#$]/);
  await page.getByRole('button', { name: 'Disconnect' }).click();
  await context.close();
});

test('the list of endpoints says that a user has lost the connection', async ({
  page,
  browser,
  stack,
  signIn,
  openDevice,
}) => {
  await signIn('operator');
  await openDevice('Factory gateway');
  await connectTo(page, 'Gateway shell');
  const context = await browser.newContext();
  const other = await context.newPage();
  await tabOf(stack, other, 'engineer');
  const endpoints = other.getByRole('list', { name: 'Endpoints' });
  await expect(endpoints.getByText('Connected: operator')).toBeVisible({ timeout: 60_000 });
  // Without a farewell, so that the service keeps the session for a while.
  await page.close();
  await expect(endpoints.getByText('Connection lost: operator')).toBeVisible({ timeout: 60_000 });
  await expect(endpoints.getByText('Connected: operator')).toHaveCount(0);
  await context.close();
});

test('a user watches from Administration', async ({ page, browser, stack, signIn, openDevice }) => {
  await signIn('operator');
  await openDevice('Factory gateway');
  await connectTo(page, 'Gateway shell');
  const context = await browser.newContext();
  const list = await context.newPage();
  const credentials = stack.authorization('admin').replace('Basic ', '');
  await list.addInitScript(stored => sessionStorage.setItem('_tcy8', stored), credentials);
  await list.goto(`${stack.url}/apps/administration/index.html#/remote-access-sessions`);
  const opened = context.waitForEvent('page', { timeout: 60_000 });
  const name = 'Watch the session of operator on Gateway shell';
  await list.getByRole('link', { name }).click({ timeout: 60_000 });
  const watching = await opened;
  await expect(watching.getByText('You are watching operator, who has the keyboard.')).toBeVisible({
    timeout: 60_000,
  });
  await expect(page.getByText('admin is watching this session.')).toBeVisible();
  await page.getByRole('button', { name: 'Disconnect' }).click();
  await context.close();
});

test.describe('a desktop', () => {
  let xvnc: Xvnc;
  test.beforeAll(async () => {
    xvnc = await startXvnc({ securityTypes: ['None'], geometry: '640x480' });
  });
  test.afterAll(() => xvnc.stop());

  test('is watched without input', async ({ page, browser, stack, signIn }) => {
    await signIn('operator');
    const id = await addVncEndpoint(stack, 'Panel that is watched', xvnc.port);
    await page.goto(`/apps/devicemanagement/index.html#/device/1001/remote-access/${id}`);
    await expect(page.getByText(/frames\/s/)).toBeVisible();
    const context = await browser.newContext();
    const other = await context.newPage();
    await tabOf(stack, other, 'engineer');
    const name = 'Watch the session of operator on Panel that is watched';
    await other.getByRole('button', { name }).click({ timeout: 60_000 });
    await expect(other.getByText(/frames\/s/)).toBeVisible();
    await expect(other.getByText('view only')).toBeVisible();
    await expect(page.getByText('engineer is watching this session.')).toBeVisible();
    await page.getByRole('button', { name: 'Disconnect' }).click();
    await expect(other.getByRole('button', { name: 'Reconnect' })).toBeVisible();
    await context.close();
  });
});
