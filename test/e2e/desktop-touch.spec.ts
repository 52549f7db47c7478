import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CDPSession } from '@playwright/test';
import { startXvnc, temporaryFolder, type Xvnc } from '@remote-access/testkit';
import { expect, test } from './test';
import { addVncEndpoint } from './vnc-endpoint';

const PASSWORD = 'pa55word';

test.use({ hasTouch: true, isMobile: true, viewport: { width: 900, height: 1000 } });

test.describe('a desktop on a touch screen', () => {
  const folder = temporaryFolder('touch');
  const log = join(folder.path, 'pointer');
  let xvnc: Xvnc;

  test.beforeAll(async () => {
    xvnc = await startXvnc({
      securityTypes: ['VncAuth'],
      password: PASSWORD,
      geometry: '800x600',
    });
    // A program that enables mouse reporting and records the reports (xterm: X10 encoding).
    xvnc.run('xterm', ...['-geometry', '132x45+0+0', '-e', 'sh', '-c'], recorder(log));
  });
  test.afterAll(async () => {
    await xvnc.stop();
    folder.remove();
  });

  test('turns touches into mouse events and types from the on-screen keyboard', async ({
    page,
    context,
    stack,
    signIn,
  }) => {
    await signIn('engineer');
    const id = await addVncEndpoint(stack, 'Panel', xvnc.port, PASSWORD);
    await page.goto(`/apps/devicemanagement/index.html#/device/1001/remote-access/${id}`);
    await expect(page.locator('#main-content canvas')).toBeVisible();
    await expect.poll(() => existsSync(log)).toBe(true);
    const tools = await context.newCDPSession(page);
    const box = (await page.locator('#main-content canvas').boundingBox())!;
    const at = (dx: number, dy: number): Finger => ({ x: box.x + 200 + dx, y: box.y + 200 + dy });
    const said = (): string => readFileSync(log, 'latin1');

    await test.step('a tap is a click', async () => {
      await move(tools, [[at(0, 0)]]);
      await expect.poll(said).toContain('\x1b[M ');
    });

    await test.step('a long press is the right button', async () => {
      // noVNC presses the button while the finger is still down.
      await move(tools, [[at(0, 0)]], () => expect.poll(said).toContain('\x1b[M"'));
    });

    await test.step('two fingers scroll', async () => {
      const way = [0, 30, 60, 90, 120, 150, 180].map(dy => [at(-20, -dy), at(20, -dy)]);
      await move(tools, way);
      await expect.poll(said).toContain('\x1b[Ma');
    });

    await test.step('a pinch is Ctrl with the wheel, which programs treat as zooming', async () => {
      const way = [20, 40, 60, 80, 100, 120, 140].map(dx => [at(-dx, 0), at(dx, 0)]);
      await move(tools, way);
      await expect.poll(said).toContain('\x1b[Mp');
    });

    await test.step('input and corrections from the on-screen keyboard are typed', async () => {
      await page.getByRole('button', { name: 'Tools', exact: true }).tap();
      await page.getByRole('button', { name: 'Type text', exact: true }).tap();
      await page.keyboard.insertText('helo');
      await page.keyboard.press('Backspace');
      await page.keyboard.insertText('lo!');
      await expect.poll(said).toContain('helo\x7flo!');
    });
  });
});

interface Finger {
  readonly x: number;
  readonly y: number;
}

/** Puts fingers down, moves them step by step, holds them until something is seen, and lifts them. */
async function move(
  tools: CDPSession,
  [first, ...rest]: readonly (readonly Finger[])[],
  seen?: () => Promise<void>,
): Promise<void> {
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', fingers: readonly Finger[]) =>
    tools.send('Input.dispatchTouchEvent', { type, touchPoints: [...fingers] });
  await touch('touchStart', first!);
  for (const fingers of rest) await touch('touchMove', fingers);
  await seen?.();
  await touch('touchEnd', []);
}

/** Enables mouse reporting and writes all keyboard and mouse input to a file. */
function recorder(file: string): string {
  return `stty raw -echo; printf '\\033[?1000h'; exec cat > '${file}'`;
}
