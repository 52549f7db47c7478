import type { CDPSession, Page } from '@playwright/test';
import { connectTo, PROMPT, screenText, typeLine } from './terminal-page';
import { expect, test } from './test';

test('characters that take several keys arrive once and complete', async ({
  page,
  context,
  signIn,
  openDevice,
}) => {
  await signIn('engineer');
  await openDevice('Factory gateway');
  await connectTo(page, 'Gateway shell');
  const tools = await context.newCDPSession(page);
  // Shows the bytes that were sent: `cat -v` prints an escape as ^[ and a byte above 127 as M-.
  await typeLine(page, "stty -echo; echo no''Echo; exec cat -v");
  await expect.poll(() => screenText(page)).toMatch(/^noEcho$/m);

  await test.step('an input method composes', async () => {
    await tools.send('Input.imeSetComposition', {
      text: 'かんじ',
      selectionStart: 3,
      selectionEnd: 3,
    });
    await expect(page.locator('.composition-view')).toHaveText('かんじ');
    await tools.send('Input.insertText', { text: '漢字' });
    await sent(page, 'M-fM-<M-"M-eM--M-^W');
  });

  await test.step('a dead key waits for its letter', async () => {
    await press(tools, { key: 'Dead', code: 'Equal' });
    await press(tools, { key: 'é', code: 'KeyE', text: 'é' });
    await sent(page, 'M-CM-)');
  });

  await test.step('AltGr does not act as Alt, even when Alt is Meta', async () => {
    await page.getByRole('button', { name: 'Options' }).click();
    await page.getByText('Use Alt as the Meta key').check();
    await page.getByRole('button', { name: 'Options' }).click();
    await page.locator('.xterm-helper-textarea').focus();
    await press(tools, { key: 'AltGraph', code: 'AltRight' });
    await press(tools, { key: '@', code: 'KeyQ', text: '@' });
    await sent(page, '@');
    await page.keyboard.press('Alt+x');
    await sent(page, '^[x');
  });
});

test.describe('on a touch screen', () => {
  test.use({ hasTouch: true, isMobile: true, viewport: { width: 800, height: 1000 } });

  test('a bar has the keys that the on-screen keyboard lacks', async ({
    page,
    signIn,
    openDevice,
  }) => {
    await signIn('engineer');
    await openDevice('Factory gateway');
    await connectTo(page, 'Gateway shell');
    await typeLine(page, 'cat -v');
    const bar = page.getByRole('toolbar', { name: 'Keys' });
    for (const key of ['Esc', 'Up', 'F5']) {
      await bar.getByRole('button', { name: key, exact: true }).tap();
    }
    await page.keyboard.press('Enter');
    await expect.poll(() => screenText(page)).toContain('^[^[[A^[[15~');
    await bar.getByRole('button', { name: 'Ctrl', exact: true }).tap();
    await page.keyboard.type('c');
    await expect.poll(() => screenText(page)).toMatch(PROMPT);
  });
});

/** Waits until the far end has received exactly these bytes, as `cat -v` shows them. */
async function sent(page: Page, shown: string): Promise<void> {
  await page.keyboard.press('Enter');
  const last = async () => (await screenText(page)).split('\n').at(-1);
  await expect.poll(last).toBe(shown);
}

/** Presses a key that Playwright's keyboard lacks. */
async function press(
  tools: CDPSession,
  { text, ...key }: { key: string; code: string; text?: string },
): Promise<void> {
  const type = text === undefined ? 'rawKeyDown' : 'keyDown';
  await tools.send('Input.dispatchKeyEvent', { type, ...key, ...(text ? { text } : {}) });
  await tools.send('Input.dispatchKeyEvent', { type: 'keyUp', ...key });
}
