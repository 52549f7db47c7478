import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { expectAccessible } from './accessibility';
import { connectTo, interrupt, pointAt, PROMPT, screenText, typeLine } from './terminal-page';
import { expect, test } from './test';

test.use({ permissions: ['clipboard-read', 'clipboard-write'] });

/** xterm.js waits this long before it searches again. */
const SEARCHES_AGAIN_MS = 200;

test.beforeEach(async ({ page, signIn, openDevice }) => {
  await signIn('engineer');
  await openDevice('Factory gateway');
  await connectTo(page, 'Gateway shell');
});

test('text is found, copied, previewed and pasted, and saved', async ({ page }) => {
  await test.step('finds the newest match first', async () => {
    await typeLine(page, 'clear; for n in 1 2 3; do echo need$n; done');
    await expect.poll(() => screenText(page)).toMatch(/^need3$/m);
    await page.keyboard.press('Control+Shift+F');
    await page.getByLabel('Find in the terminal').fill('need');
    await expect(page.getByText('3 of 3')).toBeVisible();
    await page.keyboard.press('Enter');
    await expect(page.getByText('2 of 3')).toBeVisible();
    await page.keyboard.press('Shift+Enter');
    await expect(page.getByText('3 of 3')).toBeVisible();
    await page.getByLabel('Find in the terminal').fill('nowhere');
    await expect(page.getByText('Not found')).toBeVisible();
    await page.getByLabel('Find in the terminal').fill('need2');
    await expect(page.getByText('1 of 1')).toBeVisible();
    // xterm.js searches again after a resize, on a slow machine only once the bar is closed.
    const searches = await holdSearches(page);
    await page.setViewportSize({ width: 1200, height: 800 });
    await searches.areHeld();
    await page.keyboard.press('Escape');
    await expect(page.getByLabel('Find in the terminal')).toHaveCount(0);
    await searches.run();
  });

  await test.step('copies the match', async () => {
    await page.keyboard.press('Control+Shift+C');
    await expect.poll(() => clipboard(page)).toBe('need2');
  });

  await test.step('pastes one line at once', async () => {
    await page.evaluate(() => navigator.clipboard.writeText('echo "<b>one</b>"'));
    await page.keyboard.press('Control+Shift+V');
    await expect.poll(() => screenText(page)).toMatch(/[#$] echo "<b>one<\/b>"$/);
    await interrupt(page);
  });

  await test.step('shows several lines as plain text before pasting them', async () => {
    await typeLine(page, 'clear; bind "set enable-bracketed-paste on"; echo re""ady; cat -v');
    await expect.poll(() => screenText(page)).toMatch(/^ready$/m);
    const several = 'echo <img src=x>\necho two\x1b[201~; three\n';
    await page.evaluate(text => navigator.clipboard.writeText(text), several);
    await page.keyboard.press('Control+Shift+V');
    const dialog = page.getByRole('dialog', { name: 'Paste into the terminal?' });
    await expect(dialog.getByText('You are about to paste 2 lines.')).toBeVisible();
    await expect(dialog.locator('pre')).toHaveText('echo <img src=x>\necho two[201~; three␊\n');
    await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await expect(dialog).toHaveCount(0);
    await page.keyboard.press('Control+Shift+V');
    await dialog.getByRole('button', { name: 'Paste' }).click();
    await expect.poll(() => screenText(page)).toContain('echo two[201~; three');
    expect(await screenText(page)).not.toContain('^[[201~; three');
    await interrupt(page);
  });

  await test.step('a selection that was scrolled out covers nothing', async () => {
    await typeLine(page, 'clear; seq 1 200');
    await expect.poll(() => screenText(page)).toMatch(/^200$/m);
    await page.keyboard.press('Control+Shift+F');
    await page.getByLabel('Find in the terminal').fill('199');
    await expect(page.locator('.xterm-selection > div').first()).toBeVisible();
    await page.locator('.xterm-screen').hover();
    await page.mouse.wheel(0, -2_000);
    await expect.poll(() => screenText(page)).not.toMatch(/^199$/m);
    await expect(page.locator('.xterm-selection')).toBeHidden();
    await page.mouse.wheel(0, 4_000);
    await expect(page.locator('.xterm-selection > div').first()).toBeVisible();
    await page.keyboard.press('Escape');
  });

  await test.step('saves the whole output', async () => {
    await typeLine(page, 'clear; seq 1 300');
    await expect.poll(() => screenText(page)).toMatch(/^300$/m);
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Tools', exact: true }).click();
    await page.getByRole('button', { name: 'Save as text' }).click();
    const saved = await download;
    expect(saved.suggestedFilename()).toBe('Gateway shell.txt');
    const lines = readFileSync(await saved.path(), 'utf8').split('\n');
    expect(lines).toEqual(expect.arrayContaining(['1', '150', '300']));
  });
});

test('the menu and Ctrl+V work as elsewhere, and the focus always returns', async ({ page }) => {
  const menu = page.getByRole('menu', { name: 'Terminal' });
  const item = (name: string) => menu.getByRole('menuitem', { name });
  const openMenu = () => page.locator('.xterm-screen').click({ button: 'right' });
  const copied = 'echo "<b>one</b>"';

  await test.step('Ctrl+V pastes, unless the user leaves it to programs', async () => {
    await page.evaluate(text => navigator.clipboard.writeText(text), copied);
    await page.keyboard.press('Control+v');
    await expect.poll(() => screenText(page)).toMatch(/[#$] echo "<b>one<\/b>"$/);
    await interrupt(page);
    await page.getByRole('button', { name: 'Options' }).click();
    await page.getByLabel('Also paste with Ctrl+V').uncheck({ force: true });
    await page.getByRole('button', { name: 'Options' }).click();
    await typeLine(page, "clear; echo re''ady; cat -v");
    await expect.poll(() => screenText(page)).toBe('ready');
    await page.keyboard.press('Control+v');
    await page.keyboard.press('Control+a');
    await page.keyboard.press('Enter');
    // The terminal driver quotes the key that follows.
    await expect.poll(() => screenText(page)).toContain('^A');
    expect(await screenText(page)).not.toContain('one');
    await interrupt(page);
  });

  await test.step('the menu pastes, selects, copies and clears', async () => {
    await openMenu();
    await expect(item('Copy')).toHaveAttribute('aria-disabled', 'true');
    await expectAccessible(page, 'ra-terminal-menu');
    await item('Paste').click();
    await expect.poll(() => screenText(page)).toMatch(/[#$] echo "<b>one<\/b>"$/);
    await page.keyboard.press('Enter');
    await expect.poll(() => screenText(page)).toMatch(/^<b>one<\/b>$/m);
    await openMenu();
    await item('Select all').click();
    await openMenu();
    await item('Copy').click();
    await expect.poll(() => clipboard(page)).toContain('<b>one</b>');
    await openMenu();
    await item('Clear').click();
    await expect.poll(() => screenText(page)).toMatch(/^[^\n]*[#$] *$/);
  });

  await test.step('it works by keyboard, and Escape leaves it', async () => {
    await page.keyboard.press('ContextMenu');
    await expect(item('Copy')).toBeFocused();
    await page.keyboard.press('ArrowUp');
    await expect(item('Find')).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(menu).toHaveCount(0);
    await page.keyboard.press('ContextMenu');
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await expect(page.getByLabel('Find in the terminal')).toBeFocused();
    await page.keyboard.press('Escape');
    await typeLine(page, "echo ba''ck");
    await expect.poll(() => screenText(page)).toMatch(/^back$/m);
  });

  await test.step('programs that use the mouse receive the right button', async () => {
    await typeLine(page, "clear; printf '\\e[?1000h'; echo mo''use; cat -v");
    await expect.poll(() => screenText(page)).toMatch(/^mouse/);
    await openMenu();
    await expect(menu).toHaveCount(0);
    await page.locator('.xterm-screen').click({ button: 'right', modifiers: ['Shift'] });
    await expect(menu).toBeVisible();
    await page.keyboard.press('Escape');
    await interrupt(page);
    await typeLine(page, "printf '\\e[?1000l'; clear");
    await expect.poll(() => screenText(page)).toMatch(PROMPT);
  });

  await test.step('after a button was used, typing continues in the terminal', async () => {
    const terminal = page.getByRole('textbox', { name: 'Terminal input' });
    for (const name of [
      'Larger font',
      'Smaller font',
      'Send break',
      'Connection details',
      'Connection details',
    ]) {
      await page.getByRole('button', { name, exact: true }).click();
      await expect(terminal).toBeFocused();
    }
    await typeLine(page, "echo fo''cus");
    await expect.poll(() => screenText(page)).toMatch(/^focus$/m);
  });

  await test.step('keys and local echo are changed for this session', async () => {
    await page.getByRole('button', { name: 'Options' }).click();
    await page.getByLabel('Function keys').selectOption({ label: 'Linux console' });
    await page.getByLabel('Home and End send').selectOption({ label: 'Linux, VT220 (ESC [ 1 ~)' });
    await page.getByRole('button', { name: 'Options' }).click();
    await typeLine(page, "clear; echo key''s; cat -v");
    await expect.poll(() => screenText(page)).toMatch(/^keys/);
    await page.keyboard.press('F1');
    await page.keyboard.press('Home');
    await expect.poll(() => screenText(page)).toContain('^[[[A^[[1~');
    await interrupt(page);
    await page.getByRole('button', { name: 'Options' }).click();
    await page.getByLabel('Local echo').check({ force: true });
    await page.getByRole('button', { name: 'Options' }).click();
    await typeLine(page, "stty -echo; clear; echo si''lent; cat > /dev/null");
    await expect.poll(() => screenText(page)).toMatch(/silent$/);
    await page.keyboard.type('shown');
    await expect.poll(() => screenText(page)).toMatch(/silent\nshown$/);
  });
});

test('requests of a program to the browser are shown first', async ({ page }) => {
  await test.step('its title is plain text and cannot change the text direction', async () => {
    // Wide enough for the title in the bar.
    await page.setViewportSize({ width: 1600, height: 900 });
    // Many shells set the title with each prompt.
    await typeLine(page, "PS1='$ '");
    await typeLine(page, "printf '\\e]0;<b>press</b> \\u202etxt.exe\\a'");
    await expect(page.getByText('<b>press</b> \ufffdtxt.exe', { exact: true })).toBeVisible();
  });

  await test.step('its bell is shown', async () => {
    await typeLine(page, "printf '\\a'");
    await expect(page.getByText('Bell', { exact: true })).toBeVisible();
  });

  await test.step('it copies only with consent, and does not ask again once refused', async () => {
    await page.evaluate(() => navigator.clipboard.writeText('mine'));
    const copy = (text: string) => `printf '\\e]52;c;%s\\a' $(printf '${text}' | base64)`;
    const dialog = page.getByRole('dialog', { name: 'Allow the remote program to copy text?' });
    await typeLine(page, copy('the\\u202eirs\\n'));
    await expect(dialog.locator('pre')).toHaveText('the⟨U+202E⟩irs␊');
    await dialog.getByRole('button', { name: 'Copy', exact: true }).click();
    await expect.poll(() => clipboard(page)).toBe('the\u202eirs\n');
    await expect(dialog).toHaveCount(0);
    await typeLine(page, copy('theirs'));
    await expect(dialog.locator('pre')).toHaveText('theirs');
    await dialog.getByRole('button', { name: 'Copy', exact: true }).click();
    await expect.poll(() => clipboard(page)).toBe('theirs');
    await expect(dialog).toHaveCount(0);
    await typeLine(page, copy('evil'));
    await dialog.getByRole('button', { name: 'Do not copy' }).click();
    await expect(dialog).toHaveCount(0);
    await typeLine(page, `clear; ${copy('evil')}; echo as''ked`);
    await expect.poll(() => screenText(page)).toMatch(/^asked/m);
    await expect(dialog).toHaveCount(0);
    expect(await clipboard(page)).toBe('theirs');
  });

  await test.step('its link opens only after showing the address, and a script never runs', async () => {
    const address = 'https://example.org/press';
    await page.context().route(address, route => route.fulfill({ body: 'the manual' }));
    const alerts: string[] = [];
    page.on('dialog', alert => {
      alerts.push(alert.message());
      void alert.dismiss();
    });
    const link = (to: string, text: string) => `printf '\\e]8;;${to}\\a${text}\\e]8;;\\a\\n'`;
    const dialog = page.getByRole('dialog', { name: 'Open this link?' });
    const overLink = page.locator('.xterm-cursor-pointer');
    await typeLine(
      page,
      `clear; ${link(address, 'manual')}; ${link('javascript:alert(1)', 'trap')}`,
    );
    await expect.poll(() => screenText(page)).toMatch(/^manual\ntrap$/m);

    await pointAt(page, 'manual');
    await expect(overLink).toBeVisible();
    await page.mouse.down();
    await page.mouse.up();
    await expect(dialog.getByText(address)).toBeVisible();
    await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(dialog).toHaveCount(0);

    await pointAt(page, 'trap');
    await expect(overLink).toHaveCount(0);
    await page.mouse.down();
    await page.mouse.up();
    await pointAt(page, 'manual');
    await expect(overLink).toBeVisible();
    await expect(dialog).toHaveCount(0);
    expect(alerts).toEqual([]);

    await page.mouse.down();
    await page.mouse.up();
    const opened = page.context().waitForEvent('page');
    await dialog.getByRole('button', { name: 'Open in a new tab' }).click();
    const manual = await opened;
    await expect(manual.getByText('the manual')).toBeVisible();
    expect(await manual.evaluate(() => window.opener as unknown)).toBeNull();
    await manual.close();
  });

  await test.step('an address in its output opens only after it was shown, too', async () => {
    const address = 'https://example.org/plain';
    await page.context().route(address, route => route.fulfill({ body: 'the plain page' }));
    const dialog = page.getByRole('dialog', { name: 'Open this link?' });
    // On another line: xterm.js looks for links again only when the pointer reaches another cell.
    await typeLine(page, `clear; echo; echo; echo '${address}'`);
    await expect.poll(() => screenText(page)).toMatch(/^https:\/\/example\.org\/plain$/m);
    await pointAt(page, address);
    await expect(page.locator('.xterm-cursor-pointer')).toBeVisible();
    await page.mouse.down();
    await page.mouse.up();
    await expect(dialog.getByText(address)).toBeVisible();
    expect(page.context().pages()).toEqual([page]);
    const opened = page.context().waitForEvent('page');
    await dialog.getByRole('button', { name: 'Open in a new tab' }).click();
    const plain = await opened;
    await expect(plain.getByText('the plain page')).toBeVisible();
    expect(await plain.evaluate(() => window.opener as unknown)).toBeNull();
    await plain.close();
  });

  await test.step('it never gets the contents of the clipboard', async () => {
    await typeLine(page, "clear; printf '\\e]52;c;?\\a\\e[21t'; echo as''ked");
    await expect.poll(() => screenText(page)).toMatch(/^asked\n.*[#$] *$/m);
  });
});

test('appearance and key settings are remembered, and the keyboard can leave the terminal', async ({
  page,
}) => {
  const fontSize = () =>
    page.locator('.xterm-rows').evaluate(rows => getComputedStyle(rows).fontSize);
  const background = () =>
    page.locator('.xterm-viewport').evaluate(one => getComputedStyle(one).backgroundColor);

  await test.step('font size by keys', async () => {
    expect(await fontSize()).toBe('14px');
    await page.keyboard.press('Control+=');
    await page.keyboard.press('Control+=');
    await expect.poll(fontSize).toBe('16px');
    await page.keyboard.press('Control+-');
    await expect.poll(fontSize).toBe('15px');
    await page.keyboard.press('Control+0');
    await expect.poll(fontSize).toBe('14px');
    await page.getByRole('button', { name: 'Larger font' }).focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await expect.poll(fontSize).toBe('16px');
    await page.keyboard.press('Control+0');
    await page.keyboard.press('Enter');
    await expect.poll(fontSize).toBe('15px');
    await page.keyboard.press('Control+Shift+F');
    await page.keyboard.press('Escape');
  });

  await test.step('colours and key bar in the options', async () => {
    await page.getByRole('button', { name: 'Options' }).click();
    await page.getByLabel('Colours').selectOption('High contrast');
    await expect.poll(background).toBe('rgb(0, 0, 0)');
    await page.getByText('Show key bar').click();
    await expectAccessible(page, 'ra-session-page');
    await page.getByRole('button', { name: 'Options' }).click();
  });

  await test.step('keys that a touch screen lacks', async () => {
    // Input typed before the screen is cleared would be cleared as well.
    await typeLine(page, "clear; echo cle''ared; cat -v");
    await expect.poll(() => screenText(page)).toBe('cleared');
    const bar = page.getByRole('toolbar', { name: 'Keys' });
    await bar.getByRole('button', { name: 'Up', exact: true }).click();
    await bar.getByRole('button', { name: 'F5', exact: true }).click();
    await expect.poll(() => screenText(page)).toContain('^[[A^[[15~');
    await bar.getByRole('button', { name: 'Ctrl', exact: true }).click();
    await page.keyboard.type('c');
    await expect.poll(() => screenText(page)).toMatch(PROMPT);
  });

  await test.step('leaving the terminal by keyboard', async () => {
    await page.keyboard.press('Control+Shift+F6');
    await expect(page.getByRole('button', { name: 'Disconnect' })).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('button', { name: 'Reconnect' })).toBeVisible();
  });

  await test.step('remembered on the next visit', async () => {
    await page.reload();
    await expect.poll(() => screenText(page)).toMatch(PROMPT);
    expect([await fontSize(), await background()]).toEqual(['15px', 'rgb(0, 0, 0)']);
    await page.getByRole('button', { name: 'Disconnect' }).click();
  });
});

async function clipboard(page: Page): Promise<string> {
  return page.evaluate(() => navigator.clipboard.readText());
}

/** Holds back the searches that xterm.js repeats after a resize, until they are run. */
async function holdSearches(
  page: Page,
): Promise<{ areHeld(): Promise<unknown>; run(): Promise<void> }> {
  await page.evaluate(delayMs => {
    const { setTimeout: start } = window;
    const held: (() => void)[] = [];
    window.setTimeout = ((callback: () => void, afterMs?: number, ...rest: unknown[]) =>
      afterMs === delayMs
        ? -held.push(callback)
        : start(callback, afterMs, ...rest)) as typeof setTimeout;
    const run = (): void => {
      window.setTimeout = start;
      for (const search of held) search();
    };
    Object.assign(window, { searches: { held, run } });
  }, SEARCHES_AGAIN_MS);
  return {
    areHeld: () => page.waitForFunction(() => (window as any).searches.held.length > 0),
    run: () => page.evaluate(() => (window as any).searches.run()),
  };
}
