import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from '@playwright/test';
import { connectTo, PROMPT, screenText } from './terminal-page';
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

test('a connect leaves the product around it alone, and its terminal comes in its final size', async ({
  page,
  signIn,
  openDevice,
}) => {
  await page.addInitScript(watchConnects);
  await signIn('operator');
  await openDevice('Factory gateway');
  await connectTo(page, 'Gateway shell');
  // The terminal of the next session has been opened, hidden.
  const spares = (): Promise<number> => page.evaluate(() => connects().spares);
  await expect.poll(spares).toBe(2);
  await page.getByRole('button', { name: 'Disconnect' }).click();
  await page.getByRole('link', { name: 'Back to endpoints' }).click();
  await expect(page.locator('.loading-bar')).not.toHaveClass(/active/);

  await page.evaluate(() => connects().begin());
  await page.getByRole('button', { name: 'Connect to Gateway shell' }).click();
  await expect.poll(() => screenText(page)).toMatch(PROMPT);
  const seen = await page.evaluate(() => connects());
  expect.soft(seen.barChangesBeforeSocket).toBe(0);
  expect.soft(new Set(seen.zonesOfMessages)).toEqual(new Set(['<root>']));
  expect.soft(seen.rowsAtFirst).toBe(await page.locator('.xterm-rows > div').count());
});

/** What a page has seen of the last connect. */
interface Connects {
  begin(): void;
  /** Changes of the product's loading bar between the click and the WebSocket. */
  barChangesBeforeSocket: number | undefined;
  /** The names of the zones in which the service's messages were handled. */
  zonesOfMessages: string[];
  /** Of the terminal, when it was added to the page. */
  rowsAtFirst: number | undefined;
  /** How many terminals have been opened in advance so far. */
  spares: number;
}

declare function connects(): Connects;
declare const Zone: { readonly current: { readonly name: string } };

/** Runs in the page before its own scripts. */
function watchConnects(): void {
  let barChanges = 0;
  const seen: Connects = {
    begin: () => {
      barChanges = 0;
      const nothing = { barChangesBeforeSocket: undefined, rowsAtFirst: undefined };
      Object.assign(seen, { ...nothing, zonesOfMessages: [] });
    },
    barChangesBeforeSocket: undefined,
    zonesOfMessages: [],
    rowsAtFirst: undefined,
    spares: 0,
  };
  const parse = JSON.parse.bind(JSON);
  JSON.parse = (text: unknown, ...more) => {
    const isStatus = typeof text === 'string' && text.startsWith('{"type":"status"');
    if (isStatus) seen.zonesOfMessages.push(Zone.current.name);
    return parse(text as string, ...more) as unknown;
  };
  // A subclass would hide the real prototype from zone.js.
  const Watched = new Proxy(WebSocket, {
    construct: (real, [address, protocols]: [string, string[]]) => {
      if (address.includes('ticket=')) seen.barChangesBeforeSocket = barChanges;
      return new real(address, protocols);
    },
  });
  Object.assign(window, { connects: () => seen, WebSocket: Watched });
  const elements = (nodes: NodeList): HTMLElement[] =>
    [...nodes].filter(node => node instanceof HTMLElement);
  new MutationObserver(changes => {
    for (const { target, addedNodes, removedNodes } of changes) {
      if (target instanceof Element && target.matches('.loading-bar')) barChanges += 1;
      const terminal = elements(addedNodes).find(element => element.matches('.xterm'));
      if (terminal) seen.rowsAtFirst = terminal.querySelectorAll('.xterm-rows > div').length;
      seen.spares += elements(removedNodes).filter(element => element.inert).length;
    }
  }).observe(document, { subtree: true, childList: true, attributeFilter: ['class'] });
}

test('the plugin is no application that users can switch to', async ({ page, signInByPage }) => {
  await signInByPage('admin');
  await page.locator('#appSwitcherDropdown').click();
  const applications = page.locator('c8y-app-switcher-inline').getByRole('link');
  await expect(applications.filter({ hasText: 'Administration' })).toBeVisible();
  await expect(applications.filter({ hasText: /remote access|plugin/i })).toHaveCount(0);
});
