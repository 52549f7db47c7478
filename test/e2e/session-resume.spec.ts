import type { Page } from '@playwright/test';
import { expectAccessible } from './accessibility';
import { connectTo, screenText, typeLine } from './terminal-page';
import { expect, test } from './test';

/** Lets a test break the connections of the page, and keep the network away. */
async function controlNetwork(
  page: Page,
): Promise<{ cut(): Promise<void>; away(is: boolean): Promise<void> }> {
  await page.addInitScript(() => {
    const sockets: WebSocket[] = [];
    Object.assign(globalThis, { openSockets: sockets });
    globalThis.WebSocket = class extends WebSocket {
      constructor(...parameters: ConstructorParameters<typeof WebSocket>) {
        super(...parameters);
        sockets.push(this);
      }
    };
  });
  return {
    // A code that no page uses on purpose: for both ends it is a lost connection.
    cut: () =>
      page.evaluate(() => {
        for (const socket of (globalThis as any).openSockets) socket.close(4_999);
      }),
    away: async is => {
      if (is) await page.route('**/tickets', route => route.fulfill({ status: 503, json: {} }));
      else await page.unroute('**/tickets');
    },
  };
}

test('a session goes on after a cut, with what was typed meanwhile', async ({
  page,
  signIn,
  openDevice,
  consoleWatch,
}) => {
  consoleWatch.expectStatus(503);
  const network = await controlNetwork(page);
  await signIn('operator');
  await openDevice('Factory gateway');
  await connectTo(page, 'Gateway shell');
  await typeLine(page, "clear; marker=kept''Alive; echo be''fore");
  await expect.poll(() => screenText(page)).toMatch(/^before$/m);

  await network.away(true);
  await network.cut();
  await expect(page.getByText(/The session is kept for another \d+ s/)).toBeVisible();
  await page.locator('.xterm-helper-textarea').focus();
  await typeLine(page, 'echo $marker');
  await expect(page.getByText('13 bytes typed meanwhile will be sent.')).toBeVisible();
  await expectAccessible(page, 'ra-session-page');
  await network.away(false);
  await page.evaluate(() => dispatchEvent(new Event('online')));
  await expect.poll(() => screenText(page)).toMatch(/before[^]*^keptAlive$/m);
  await expect(page.getByText(/is kept for another/)).toBeHidden();
});

test('a reload brings the session back, with its scrollback', async ({
  page,
  signIn,
  openDevice,
}) => {
  await signIn('operator');
  await openDevice('Factory gateway');
  await connectTo(page, 'Gateway shell');
  await typeLine(page, "clear; marker=kept''Alive; echo be''fore");
  await expect.poll(() => screenText(page)).toMatch(/^before$/m);
  page.once('dialog', dialog => void dialog.accept());
  await page.reload();
  await expect.poll(() => screenText(page)).toMatch(/^before$/m);
  await page.locator('.xterm-helper-textarea').focus();
  await typeLine(page, 'echo $marker');
  await expect.poll(() => screenText(page)).toMatch(/before[^]*^keptAlive$/m);
});
