import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { startXvnc, temporaryFolder, type Xvnc } from '@remote-access/testkit';
import { expectAccessible } from './accessibility';
import { expect, test } from './test';
import { addVncEndpoint } from './vnc-endpoint';

const PASSWORD = 'pa55word';
const GEOMETRY = '800x600';
const BACKGROUND = [0x12, 0x34, 0x56] as const;
/** Tolerance for JPEG, which changes colours slightly. */
const TOLERANCE = 6;

test.describe('a desktop', () => {
  const folder = temporaryFolder('desktop');
  let xvnc: Xvnc;

  test.beforeAll(async () => {
    xvnc = await startXvnc({ securityTypes: ['VncAuth'], password: PASSWORD, geometry: GEOMETRY });
    xvnc.run('xterm', ...['-u8', '-geometry', '80x20+0+0', '-bg', '#123456', '-fg', 'white']);
  });

  test.afterAll(async () => {
    await xvnc.stop();
    folder.remove();
  });

  test('shows its picture, takes keys and exchanges clipboard text', async ({
    page,
    context,
    stack,
    signIn,
  }) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await signIn('engineer');
    const id = await addVncEndpoint(stack, 'Panel with a password', xvnc.port, PASSWORD);
    await page.goto(sessionOf(id));
    await shown(page);

    await test.step('shows the screen of the machine', async () => {
      await expect.poll(() => distance(page, BACKGROUND)).toBeLessThanOrEqual(TOLERANCE);
    });

    await test.step('types', async () => {
      await page.locator('canvas').focus();
      await page.keyboard.type('echo "');
      // The browser combines a dead key with the letter that follows it.
      for (const key of ['@', '|', '€', 'č', 'Dead', 'é']) await pressElsewhere(page, key);
      await page.keyboard.type(`" > ${file('typed')}\n`);
      await expect.poll(() => text('typed')).toBe('@|€čé\n');
    });

    await test.step('releases and takes the keyboard again, and no key stays down', async () => {
      const canvas = page.locator('canvas');
      await page.keyboard.press('Control+Shift+F6');
      await expect(page.getByRole('button', { name: 'Disconnect' })).toBeFocused();
      await expect(async () => {
        await page.keyboard.press('Tab');
        await expect(canvas).toBeFocused({ timeout: 100 });
      }).toPass();
      await page.keyboard.type(`echo back > ${file('back')}\n`);
      await expect.poll(() => text('back')).toBe('back\n');
    });

    await test.step('pastes local text on the machine', async () => {
      await page.evaluate(() => navigator.clipboard.writeText('čšž 漢字 😀'));
      await page.evaluate(() => window.dispatchEvent(new Event('focus')));
      await type(page, `cat > ${file('pasted')}`);
      await expect(async () => {
        await page.locator('canvas').click({ button: 'middle', position: { x: 300, y: 200 } });
        await page.keyboard.press('Enter');
        await expect.poll(() => text('pasted'), { timeout: 3000 }).toContain('čšž 漢字 😀\n');
      }).toPass();
      await page.keyboard.press('Control+c');
    });

    await test.step('pastes text of the machine locally', async () => {
      writeFileSync(file('there'), 'ščétka漢字\n');
      await type(page, `clear; cat ${file('there')}`);
      const withheld = page.getByText('Text was copied on the remote machine.', { exact: false });
      await expect(async () => {
        await page.locator('canvas').dblclick({ position: { x: 12, y: 8 } });
        await expect(withheld).toBeVisible({ timeout: 3000 });
      }).toPass();
      const read = () => page.evaluate(() => navigator.clipboard.readText());
      expect(await read()).not.toContain('ščétka');
      await page.getByRole('button', { name: 'Clipboard', exact: true }).click();
      await page.getByText('Receive text copied on the remote machine').click();
      await page.getByRole('button', { name: 'Clipboard', exact: true }).click();
      await page.locator('canvas').click({ position: { x: 300, y: 200 } });
      await expect(async () => {
        await page.locator('canvas').dblclick({ position: { x: 12, y: 8 } });
        await expect.poll(read, { timeout: 3000 }).toContain('ščétka');
      }).toPass();
    });

    await test.step('sends keys that the browser intercepts', async () => {
      await type(page, `cat -v > ${file('keys')}`);
      await page.getByRole('button', { name: 'Keys', exact: true }).click();
      await page.getByRole('button', { name: 'F5', exact: true }).click();
      const other = page.getByLabel('Other keys');
      await other.fill('Hyper+Q');
      await page.getByRole('button', { name: 'Send', exact: true }).click();
      await expect(page.getByText('Unknown key.')).toBeVisible();
      await other.fill('Ctrl+D');
      await page.getByRole('button', { name: 'F6', exact: true }).click();
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Send', exact: true }).click();
      await expect.poll(() => text('keys')).toBe('^[[15~^[[17~\n');
      await page.getByRole('button', { name: 'Keys', exact: true }).click();
    });

    await test.step('sends nothing in view-only mode', async () => {
      await page.getByRole('button', { name: 'View', exact: true }).click();
      const viewOnly = page.getByText('View only: no keyboard or pointer input is sent');
      await viewOnly.click();
      await expect(page.getByRole('button', { name: 'Ctrl+Alt+Del' })).toBeDisabled();
      await type(page, `echo no > ${file('forbidden')}`);
      await viewOnly.click();
      await type(page, `echo yes > ${file('allowed')}`);
      await expect.poll(() => text('allowed')).toBe('yes\n');
      expect(existsSync(file('forbidden'))).toBe(false);
    });

    await test.step('changes the resolution of the machine', async () => {
      await page.getByText('Change the remote resolution').click();
      await page.getByRole('button', { name: 'View', exact: true }).click();
      await expect.poll(() => sizeOfCanvas(page)).not.toBe(GEOMETRY);
    });

    await test.step('saves the picture', async () => {
      const download = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Save screenshot' }).click();
      expect((await download).suggestedFilename()).toBe('Panel with a password.png');
    });

    await test.step('has no serious accessibility problems', async () => {
      for (const panel of ['Keys', 'Clipboard', 'View']) {
        await page.getByRole('button', { name: panel, exact: true }).click();
        await expectAccessible(page, 'ra-session-page');
      }
    });

    await test.step('disconnects and connects again in place', async () => {
      await page.getByRole('button', { name: 'Disconnect' }).click();
      await page.getByRole('button', { name: 'Reconnect' }).click();
      await shown(page);
    });
  });

  test('asks for a password that is not stored, and shows why it was refused', async ({
    page,
    stack,
    signIn,
  }) => {
    await signIn('engineer');
    await page.goto(sessionOf(await addVncEndpoint(stack, 'Unstored', xvnc.port)));
    await page.getByLabel('Password').fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByText(/refused the sign-in: Authentication failure/)).toBeVisible();
    await page.getByRole('button', { name: 'Reconnect' }).click();
    await page.getByLabel('Password').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await shown(page);
  });

  test('of a view-only endpoint is shown, and the page says what it does not allow', async ({
    page,
    stack,
    signIn,
  }) => {
    await signIn('engineer');
    const options = { viewOnly: true };
    const id = await addVncEndpoint(stack, 'Watched panel', xvnc.port, PASSWORD, options);
    await page.goto(sessionOf(id));
    await shown(page);
    await type(page, `echo no > ${file('watched')}`);
    for (const name of ['Ctrl+Alt+Del', 'Keys']) {
      await expect(page.getByRole('button', { name, exact: true })).toBeDisabled();
    }
    await page.getByRole('button', { name: 'Clipboard', exact: true }).click();
    await expect(page.getByRole('button', { name: 'Send to remote clipboard' })).toBeDisabled();
    await expect(page.getByLabel('Send text copied on this computer')).toBeDisabled();
    await page.getByRole('button', { name: 'View', exact: true }).click();
    await expect(page.getByText('This endpoint is view-only:')).toBeVisible();
    await expect(page.getByLabel('Change the remote resolution')).toBeDisabled();
    await expect(page.getByText('View only: no keyboard or pointer input is sent')).toHaveCount(0);
    await expectAccessible(page, 'ra-session-page');
    expect(existsSync(file('watched'))).toBe(false);
  });

  test('that is too large for a browser ends with a message, and the page survives (security)', async ({
    page,
    stack,
    signIn,
  }) => {
    const hostile = await startHostileServer();
    await signIn('engineer');
    await page.goto(sessionOf(await addVncEndpoint(stack, 'Hostile', hostile.port)));
    await expect(page.getByText('a screen of 65535 × 65535 is too large to show')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Reconnect' })).toBeVisible();
    hostile.stop();
  });

  const file = (name: string): string => join(folder.path, name);
  const text = (name: string): string =>
    existsSync(file(name)) ? readFileSync(file(name), 'utf8') : '';
});

const sessionOf = (id: string): string =>
  `/apps/devicemanagement/index.html#/device/1001/remote-access/${id}`;

async function shown(page: Page): Promise<void> {
  await expect(page.getByText(/\d+ frames\/s/)).toBeVisible();
  await page.locator('canvas').click({ position: { x: 300, y: 200 } });
}

async function type(page: Page, line: string): Promise<void> {
  await page.locator('canvas').focus();
  await page.keyboard.type(`${line}\n`);
}

/** Presses a key that Playwright's US keyboard lacks, as browsers report it. */
async function pressElsewhere(page: Page, name: string): Promise<void> {
  await page.locator('canvas').evaluate((canvas, key) => {
    for (const type of ['keydown', 'keyup']) {
      const options = { key, code: 'KeyQ', bubbles: true, cancelable: true };
      canvas.dispatchEvent(new KeyboardEvent(type, options));
    }
  }, name);
}

async function sizeOfCanvas(page: Page): Promise<string> {
  const canvas = page.locator('canvas');
  return canvas.evaluate((element: HTMLCanvasElement) => `${element.width}x${element.height}`);
}

/** Largest channel difference between a pixel of the picture and the expected colour. */
async function distance(page: Page, wanted: readonly number[]): Promise<number> {
  const colour = await page.locator('canvas').evaluate((element: HTMLCanvasElement) => {
    const { data } = element.getContext('2d')!.getImageData(300, 200, 1, 1);
    return [...data];
  });
  return Math.max(...wanted.map((value, at) => Math.abs(value - colour[at]!)));
}

/** An RFB 3.8 server without sign-in that announces the largest possible screen. */
async function startHostileServer(): Promise<{ port: number; stop(): void }> {
  const server = createServer(socket => {
    socket.on('error', () => undefined);
    const answers = [
      Buffer.from([1, 1]),
      Buffer.from([0, 0, 0, 0]),
      Buffer.from([0xff, 0xff, 0xff, 0xff, ...new Array<number>(16).fill(0), 0, 0, 0, 0]),
    ];
    socket.write('RFB 003.008\n');
    socket.on('data', () => {
      const answer = answers.shift();
      if (answer) socket.write(answer);
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return { port, stop: () => server.close() };
}
