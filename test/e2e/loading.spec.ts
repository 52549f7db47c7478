import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from '@playwright/test';
import { connectTo } from './terminal-page';
import { expect, tab, test } from './test';

const DIST = join(__dirname, '../../apps/plugin/dist');

/** Compressed with gzip. */
const MAX_FIRST_LOAD_BYTES = 40 * 1024;

/** The plugin's scripts that a page has requested so far. */
function scriptsOf(page: Page): ReadonlySet<string> {
  const scripts = new Set<string>();
  page.on('request', request => {
    const { pathname } = new URL(request.url());
    const [, file] = /\/apps\/remote-access-plugin[^/]*\/([^/]+\.js)$/.exec(pathname) ?? [];
    if (file) scripts.add(file);
  });
  return scripts;
}

test('the plugin adds little to the first page, and loads sessions before they are opened', async ({
  page,
  context,
  signInByPage,
  openDevice,
}) => {
  const first = scriptsOf(page);
  await signInByPage('operator');
  await openDevice('Factory gateway');
  const bytes = [...first].map(file => gzipSync(readFileSync(join(DIST, file))).length);
  expect(first.size).toBeGreaterThan(1);
  expect(bytes.reduce((sum, one) => sum + one, 0)).toBeLessThan(MAX_FIRST_LOAD_BYTES);

  await connectTo(page, 'Gateway shell');
  const needed = [...first];
  await page.getByRole('button', { name: 'Disconnect' }).click();

  await test.step('a page that only shows the tab has all of them', async () => {
    const other = await context.newPage();
    const ahead = scriptsOf(other);
    await other.goto('/apps/devicemanagement/index.html#/device/1001/remote-access');
    await expect(tab(other, 'Remote access')).toBeVisible();
    await expect.poll(() => needed.filter(file => !ahead.has(file))).toEqual([]);
  });
});

test('the plugin is no application that users can switch to', async ({ page, signInByPage }) => {
  await signInByPage('admin');
  await page.locator('#appSwitcherDropdown').click();
  const applications = page.locator('c8y-app-switcher-inline').getByRole('link');
  await expect(applications.filter({ hasText: 'Administration' })).toBeVisible();
  await expect(applications.filter({ hasText: /remote access|plugin/i })).toHaveCount(0);
});
