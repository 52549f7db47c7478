import type { Browser, Locator, Page } from '@playwright/test';
import type { LocalStack } from '@remote-access/testkit';
import { expectAccessible } from './accessibility';
import { screenText, PROMPT, typeLine } from './terminal-page';
import { expect, test } from './test';

/** Each browser of a user compiles the shell again. */
test.describe.configure({ timeout: 240_000 });

// Two users at once: one works on the Factory gateway, the other checks who is connected.
const FACTORY = '1001';
const ENDPOINT = 'Gateway shell';

/** Opens an address of an application as a signed-in user, in a separate browser. */
async function openAs(
  browser: Browser,
  stack: LocalStack,
  user: string,
  path: string,
): Promise<Page> {
  const page = await (await browser.newContext({ baseURL: stack.url })).newPage();
  const credentials = stack.authorization(user).replace('Basic ', '');
  await page.addInitScript(stored => sessionStorage.setItem('_tcy8', stored), credentials);
  await page.goto(path);
  return page;
}

const TAB = `/apps/devicemanagement/index.html#/device/${FACTORY}/remote-access`;
const ALL = '/apps/administration/index.html#/remote-access-sessions';

const running = (page: Page): Locator => page.getByRole('region', { name: 'Running sessions' });
const sessionOf = (page: Page, user: string): Locator =>
  running(page).getByRole('row').filter({ hasText: user }).filter({ hasText: ENDPOINT });

async function work(browser: Browser, stack: LocalStack, user: string): Promise<Page> {
  const page = await openAs(browser, stack, user, TAB);
  await page.getByRole('button', { name: `Connect to ${ENDPOINT}` }).click();
  await expect.poll(() => screenText(page)).toMatch(PROMPT);
  return page;
}

test('the tab shows who is connected, as it changes, and what happened before', async ({
  browser,
  stack,
}) => {
  const looking = await openAs(browser, stack, 'engineer', TAB);
  const row = looking
    .getByRole('list', { name: 'Endpoints' })
    .getByRole('listitem')
    .filter({ hasText: ENDPOINT });
  await expect(row).toBeVisible({ timeout: 60_000 });
  await expect(row.getByText('Connected: operator')).toHaveCount(0);

  const working = await work(browser, stack, 'operator');
  await expect(row.getByText('Connected: operator')).toBeVisible();
  await expect(sessionOf(looking, 'operator')).toContainText('Running');
  await expectAccessible(looking, 'ra-endpoints-page');
  await working.getByRole('button', { name: 'Disconnect' }).click();
  await expect(row.getByText('Connected: operator')).toHaveCount(0);

  await looking.getByText('Recent connections').click();
  const recent = looking.getByRole('group', { name: 'Recent connections' }).getByRole('row').nth(1);
  await test.step('printed, they name the gateway and the day', async () => {
    const caption = looking.locator('ra-recent-connections caption');
    await expect(caption).toBeHidden();
    await looking.emulateMedia({ media: 'print' });
    await expect(caption).toBeVisible();
    await expect(caption).toHaveText(/^\s*Factory gateway, as of .*\d{4}/);
    await looking.emulateMedia({ media: 'screen' });
  });
  await expect(recent).toContainText('operator');
  await expect(recent).toContainText(`${ENDPOINT} (SSH)`);
  await expect(recent).toContainText('Ended normally');
  await expect(recent).toContainText(/\d+ (s|min)/);
  await expectAccessible(looking, 'ra-recent-connections');
  for (const page of [looking, working]) await page.context().close();
});

test('an engineer ends a session with a reason that its user reads', async ({ browser, stack }) => {
  const working = await work(browser, stack, 'operator');
  const looking = await openAs(browser, stack, 'engineer', TAB);
  await sessionOf(looking, 'operator')
    .getByRole('button', { name: /^End the session of/ })
    .click();
  await looking.getByLabel('Reason (shown to the user)').fill('Maintenance begins');
  await expectAccessible(looking, 'ra-running-sessions');
  await looking.getByRole('button', { name: 'End session', exact: true }).click();
  await expect(working.getByText('Maintenance begins')).toBeVisible();
  await expect(sessionOf(looking, 'operator')).toHaveCount(0);
  for (const page of [looking, working]) await page.context().close();
});

test('a user continues a terminal session from another computer', async ({ browser, stack }) => {
  const first = await work(browser, stack, 'operator');
  await typeLine(first, "clear; marker=kept''Alive; echo be''fore");
  await expect.poll(() => screenText(first)).toMatch(/^before$/m);
  const second = await openAs(browser, stack, 'operator', TAB);
  await sessionOf(second, 'operator')
    .getByRole('button', { name: `Take over your session on ${ENDPOINT} here` })
    .click();
  await expect.poll(() => screenText(second)).toMatch(/^before$/m);
  await expect(first.getByText('The session continues in another window.')).toBeVisible();
  await second.locator('.xterm-helper-textarea').focus();
  await typeLine(second, 'echo $marker');
  await expect.poll(() => screenText(second)).toMatch(/before[^]*^keptAlive$/m);
  for (const page of [first, second]) await page.context().close();
});

test('the Administration page has the sessions of all gateways, filtered and sorted', async ({
  browser,
  stack,
}) => {
  const pages = [
    await work(browser, stack, 'operator'),
    await work(browser, stack, 'engineer'),
    await openAs(browser, stack, 'admin', ALL),
  ];
  const looking = pages[2]!;
  const users = () => running(looking).locator('tbody tr td:first-child').allTextContents();
  await expect.poll(users, { timeout: 60_000 }).toEqual(['operator', 'engineer']);
  await expect(sessionOf(looking, 'engineer')).toContainText('Factory gateway');
  await looking.getByRole('button', { name: 'User' }).click();
  await expect.poll(users).toEqual(['engineer', 'operator']);
  await looking.getByRole('button', { name: 'User' }).click();
  await expect(looking.getByRole('columnheader', { name: 'User' })).toHaveAttribute(
    'aria-sort',
    'descending',
  );
  await expect.poll(users).toEqual(['operator', 'engineer']);
  await looking.getByLabel('Filter').fill('eng');
  await expect.poll(users).toEqual(['engineer']);
  await expectAccessible(looking, 'ra-sessions-page');

  // Without rights to endpoints, users see only their own sessions.
  const other = await openAs(browser, stack, 'operator', ALL);
  await expect(sessionOf(other, 'operator')).toBeVisible({ timeout: 60_000 });
  await expect(sessionOf(other, 'engineer')).toHaveCount(0);
  for (const page of [...pages, other]) await page.context().close();
});

test('if streams are blocked, the list is polled', async ({ browser, stack }) => {
  const page = await openAs(browser, stack, 'admin', 'about:blank');
  const accepted: string[] = [];
  await page.route('**/service/remoteaccess/sessions', async route => {
    const accept = (await route.request().headerValue('accept')) ?? '';
    accepted.push(accept);
    if (accept.includes('ndjson')) await route.abort();
    else await route.continue();
  });
  await page.goto(ALL);
  await expect(running(page)).toBeVisible({ timeout: 60_000 });
  const working = await work(browser, stack, 'operator');
  await expect(sessionOf(page, 'operator')).toBeVisible();
  expect(accepted.some(accept => accept.includes('ndjson'))).toBe(true);
  for (const one of [page, working]) await one.context().close();
});
