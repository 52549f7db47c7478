import type { CDPSession, Page } from '@playwright/test';
import { EndpointsTab } from './endpoints-tab';
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

test('keys send what the endpoint says, until they are changed for one session', async ({
  page,
  stack,
}) => {
  const { target } = stack.description;
  const endpoints = new EndpointsTab(page, stack, '1001');
  const connect = async (): Promise<void> => {
    await page.getByRole('button', { name: 'Connect to Old UNIX' }).click();
    await expect.poll(() => screenText(page)).toMatch(PROMPT);
    // Otherwise the terminal driver erases what was typed.
    await typeLine(page, "stty erase undef -echo; clear; echo re''ady; exec cat -v");
    await expect.poll(() => screenText(page)).toMatch(/^ready$/m);
  };
  const leave = async (): Promise<void> => {
    await page.getByRole('button', { name: 'Disconnect' }).click();
    await page.getByRole('link', { name: 'Back to endpoints' }).click();
  };
  const pressAll = async (): Promise<void> => {
    for (const key of ['a', 'Backspace', 'Control+Backspace', 'Delete', 'Home', 'End', 'F1']) {
      await page.keyboard.press(key);
    }
  };

  await test.step('an endpoint for an old system is saved', async () => {
    await endpoints.open();
    await endpoints.add('SSH', { Name: 'Old UNIX', Host: '127.0.0.1', Port: `${target.port}` });
    await endpoints.signInBy('Public/private keys');
    await endpoints.fill({
      Username: target.userName,
      'Private key': target.privateKey,
      'Host key (optional)': target.hostKey,
    });
    await endpoints.dialog.getByText('Keys for older systems').click();
    for (const [field, label] of [
      ['Backspace key sends', 'Backspace (^H, 08)'],
      ['Delete key sends', 'Delete (^?, 7f)'],
      ['Home and End send', 'Linux, VT220 (ESC [ 1 ~)'],
      ['Function keys', 'Linux console'],
    ] as const) {
      await endpoints.field(field).selectOption({ label });
    }
    await endpoints.save();
    const keys = { backspace: 'bs', deleteKey: 'del', homeEnd: 'vt220', functionKeys: 'linux' };
    expect(await endpoints.stored('Old UNIX')).toMatchObject(keys);
  });

  await test.step('its keys are sent, and another choice in the session is sent at once', async () => {
    await connect();
    await pressAll();
    await sent(page, 'a^H^?^?^[[1~^[[4~^[[[A');
    await page.getByRole('button', { name: 'Options' }).click();
    await page.getByLabel('Backspace key sends').selectOption({ label: 'Delete (^?, 7f)' });
    await page.getByRole('button', { name: 'Options' }).click();
    await page.locator('.xterm-helper-textarea').focus();
    await page.keyboard.press('b');
    await page.keyboard.press('Backspace');
    await sent(page, 'b^?');
    await leave();
  });

  await test.step('the usual ones are sent once the endpoint says so', async () => {
    await endpoints.choose('Old UNIX', 'Edit');
    await expect(endpoints.field('Backspace key sends')).toHaveValue('bs');
    for (const field of [
      'Backspace key sends',
      'Delete key sends',
      'Home and End send',
      'Function keys',
    ]) {
      await endpoints.field(field).selectOption({ index: 0 });
    }
    await endpoints.save();
    expect(await endpoints.stored('Old UNIX')).not.toHaveProperty('backspace');
    await connect();
    await pressAll();
    await sent(page, 'a^?^H^[[3~^[[H^[[F^[OP');
    await leave();
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
