import type { Page } from '@playwright/test';
import { startXvnc, type Xvnc } from '@remote-access/testkit';
import { expectAccessible } from './accessibility';
import { connectTo, screenText, typeLine } from './terminal-page';
import { expect, test } from './test';
import { addVncEndpoint } from './vnc-endpoint';

/** Lets a test break the page's connections and keep the network down. */
async function controlNetwork(
  page: Page,
): Promise<{ cut(): Promise<void>; away(is: boolean): Promise<void> }> {
  await page.addInitScript(() => {
    const sockets: WebSocket[] = [];
    Object.assign(globalThis, { openSockets: sockets });
    globalThis.WebSocket = class extends WebSocket {
      constructor(...parameters: ConstructorParameters<typeof WebSocket>) {
        if ((globalThis as any).isAway) return neverOpen();
        super(...parameters);
        sockets.push(this);
      }
    };
    /** Fails like a WebSocket without a network, but logs no error in the browser's console. */
    function neverOpen(): WebSocket {
      const socket = { readyState: 0, close: () => undefined } as unknown as WebSocket;
      setTimeout(() => socket.onclose?.({ code: 1006, reason: '' } as CloseEvent));
      return socket;
    }
  });
  return {
    // A code that no page uses intentionally: to both ends it is a lost connection.
    cut: () =>
      page.evaluate(() => {
        for (const socket of (globalThis as any).openSockets) socket.close(4_999);
      }),
    away: async is => {
      await page.evaluate(isAway => void Object.assign(globalThis, { isAway }), is);
      if (is) await page.route('**/tickets', route => route.fulfill({ status: 503, json: {} }));
      else await page.unroute('**/tickets');
    },
  };
}

test('a session continues after a cut, with what was typed meanwhile', async ({
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
  await expect(page.getByText('13 bytes typed in the meantime will be sent.')).toBeVisible();
  await expectAccessible(page, 'ra-session-page');
  await network.away(false);
  await page.evaluate(() => dispatchEvent(new Event('online')));
  await expect.poll(() => screenText(page)).toMatch(/before[^]*^keptAlive$/m);
  await expect(page.getByText(/is kept for another/)).toBeHidden();
});

test('a reload restores the session, with its scrollback', async ({ page, signIn, openDevice }) => {
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

test.describe('a desktop', () => {
  let xvnc: Xvnc;
  test.beforeAll(async () => {
    xvnc = await startXvnc({ securityTypes: ['None'], geometry: '640x480' });
  });
  test.afterAll(() => xvnc.stop());

  test('is restored after a cut, and its last picture stays meanwhile', async ({
    page,
    stack,
    signIn,
    consoleWatch,
  }) => {
    consoleWatch.expectStatus(503);
    const network = await controlNetwork(page);
    await signIn('engineer');
    const id = await addVncEndpoint(stack, 'Panel behind a tunnel', xvnc.port);
    await page.goto(`/apps/devicemanagement/index.html#/device/1001/remote-access/${id}`);
    const shown = page.getByText(/frames\/s/);
    await expect(shown).toBeVisible();

    await network.away(true);
    await network.cut();
    const reconnecting = page.getByText(/Reconnecting with a new session/);
    await expect(reconnecting).toBeVisible();
    const before = page.locator('ra-desktop .before canvas');
    await expect(before).toBeVisible();
    await expect(before).toHaveAttribute('width', '640');
    await expectAccessible(page, 'ra-session-page');

    await network.away(false);
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await expect(shown).toBeVisible();
    await expect(reconnecting).toBeHidden();
    await expect(before).toHaveCount(0);
    await expect(page.locator('canvas')).toHaveCount(1);
    await page.getByRole('button', { name: 'Disconnect' }).click();
    await expect(page.getByText('Disconnected', { exact: true })).toBeVisible();
    await expect(page.getByRole('button', { name: 'Reconnect' })).toBeVisible();
  });

  test('is not reopened after its session was refused', async ({
    page,
    stack,
    signIn,
    consoleWatch,
  }) => {
    consoleWatch.expectStatus(404);
    await signIn('engineer');
    const id = await addVncEndpoint(stack, 'Panel that is removed', xvnc.port);
    await page.goto(`/apps/devicemanagement/index.html#/device/1001/remote-access/${id}`);
    await expect(page.getByText(/frames\/s/)).toBeVisible();
    const path = `/service/remoteaccess/devices/1001/configurations/${id}`;
    await stack.fetch(path, 'engineer', { method: 'DELETE' });
    await expect(page.getByRole('button', { name: 'Reconnect' })).toBeVisible();
    await expect(page.locator('ra-desktop canvas')).toHaveCount(0);
  });
});
