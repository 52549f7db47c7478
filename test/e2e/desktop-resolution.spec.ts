import { connect } from 'node:net';
import type { Page } from '@playwright/test';
import { startXvnc, waitUntil, type Xvnc } from '@remote-access/testkit';
import { expect, test } from './test';
import { addVncEndpoint } from './vnc-endpoint';

const GEOMETRY = '800x600';

test.describe('the resolution of a remote screen', () => {
  let xvnc: Xvnc;

  test.beforeAll(async () => {
    xvnc = await startXvnc({ securityTypes: ['None'], geometry: GEOMETRY });
  });
  test.afterAll(() => xvnc.stop());

  test('follows the window only while the user wants it', async ({ page, stack, signIn }) => {
    await signIn('engineer');
    const id = await addVncEndpoint(stack, 'Shared screen', xvnc.port);
    const view = page.getByRole('button', { name: 'View', exact: true });
    const remote = page.getByLabel('Change the remote resolution');
    const address = `/apps/devicemanagement/index.html#/device/1001/remote-access/${id}`;
    await page.goto(address);
    await shown(page);

    await test.step('can be read by others, because the server does not encrypt', async () => {
      await expect(page.getByText('not encrypted', { exact: true })).toBeVisible();
    });

    await test.step('says what it does', async () => {
      await view.click();
      await expect(remote).toHaveAccessibleDescription(/takes the size of this window/);
    });

    await test.step('uses the size of the picture, which panels do not change', async () => {
      await page.getByText('Change the remote resolution').click();
      await view.click();
      const taken = await sizeOfPicture(page);
      await expect.poll(() => sizeOfScreen(xvnc.port)).toBe(taken);
      await view.click();
      await page.getByRole('button', { name: 'Connection details' }).click();
      await expect(page.getByText('Operation created for the gateway')).toBeVisible();
      expect(await sizeOfPicture(page)).toBe(taken);
      expect(await sizeOfScreen(xvnc.port)).toBe(taken);
      await page.getByRole('button', { name: 'Connection details' }).click();
    });

    await test.step('is restored in another mode', async () => {
      await page.getByText('Fit to window').click();
      await expect.poll(() => sizeOfScreen(xvnc.port)).toBe(GEOMETRY);
    });

    const ends: readonly [string, () => Promise<void>][] = [
      ['Disconnect', () => page.getByRole('button', { name: 'Disconnect' }).click()],
      [
        'leaving the page',
        async () => {
          await page.getByRole('link', { name: 'Back to endpoints' }).click();
          await page.getByRole('button', { name: 'Leave', exact: true }).click();
        },
      ],
      [
        'closing the tab',
        async () => {
          page.once('dialog', dialog => void dialog.accept());
          await page.close({ runBeforeUnload: true });
        },
      ],
    ];
    for (const [name, end] of ends) {
      await test.step(`is restored after ${name}`, async () => {
        await page.goto('about:blank');
        await page.goto(address);
        await shown(page);
        await view.click();
        await page.getByText('Change the remote resolution').click();
        await expect.poll(() => sizeOfScreen(xvnc.port)).not.toBe(GEOMETRY);
        await end();
        await expect.poll(() => sizeOfScreen(xvnc.port)).toBe(GEOMETRY);
      });
    }
  });
});

async function shown(page: Page): Promise<void> {
  await expect(page.getByText(/\d+ frames\/s/)).toBeVisible();
}

async function sizeOfPicture(page: Page): Promise<string> {
  const box = await page.locator('.surface:not(.before)').boundingBox();
  return `${Math.floor(box!.width)}x${Math.floor(box!.height)}`;
}

/** The size that a VNC server without sign-in announces to another client. */
async function sizeOfScreen(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let received = Buffer.alloc(0);
  socket.on('data', bytes => (received = Buffer.concat([received, bytes])));
  const answers: readonly [number, string | Uint8Array][] = [
    [12, 'RFB 003.008\n'],
    [14, Uint8Array.of(1)],
    [18, Uint8Array.of(1)],
  ];
  for (const [length, answer] of answers) {
    await waitUntil(`${length} bytes arrived`, () => received.length >= length);
    socket.write(answer);
  }
  await waitUntil('the size arrived', () => received.length >= 22);
  socket.destroy();
  return `${received.readUInt16BE(18)}x${received.readUInt16BE(20)}`;
}
