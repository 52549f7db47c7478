import type { Locator, Page } from '@playwright/test';
import { expectAccessible } from './accessibility';
import { addShell, PROMPT } from './terminal-page';
import { expect, tab as productTab, test } from './test';

/** A session of the page, which may be hidden behind another one. */
class SessionTab {
  readonly tab: Locator;
  readonly panel: Locator;

  constructor(page: Page, place: number) {
    this.tab = page.locator('ra-tab-strip').getByRole('tab').nth(place);
    this.panel = page.locator(`ra-session-page [role=tabpanel]`).nth(place);
  }

  async lines(): Promise<string> {
    const lines = await this.panel.locator('.xterm-rows > div').allTextContents();
    return lines
      .map(line => line.replaceAll('\u00a0', ' ').trimEnd())
      .join('\n')
      .trimEnd();
  }

  async hasPrompt(): Promise<void> {
    await expect.poll(() => this.lines()).toMatch(PROMPT);
  }

  async shows(line: string): Promise<void> {
    await expect.poll(async () => (await this.lines()).split('\n')).toContain(line);
  }

  get terminal(): Locator {
    return this.panel.locator('.xterm-helper-textarea');
  }
}

const sessions = (page: Page) => [0, 1, 2].map(place => new SessionTab(page, place));

async function openShell(page: Page): Promise<void> {
  await productTab(page, 'Remote access').click();
  await page.getByRole('button', { name: 'Connect to Gateway shell' }).click();
  await sessions(page)[0]!.hasPrompt();
}

async function openTab(page: Page, endpoint: string): Promise<void> {
  await page.getByRole('button', { name: 'New tab', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Connect in a new tab' });
  await dialog.getByRole('button', { name: endpoint }).click();
  await expect(dialog).toHaveCount(0);
}

const typeLine = (page: Page, text: string) => page.keyboard.type(`${text}\n`);

test.beforeEach(async ({ signIn, openDevice, page }) => {
  await signIn('operator');
  await openDevice('Factory gateway');
  await openShell(page);
});

test('two sessions run side by side, each in its tab', async ({ page }) => {
  const [first, second] = sessions(page) as [SessionTab, SessionTab];
  await typeLine(page, "clear; echo fir''st");
  await first.shows('first');

  await openTab(page, 'Gateway shell');
  await second.hasPrompt();
  await expect(first.tab).toHaveAttribute('aria-selected', 'false');
  await expect(second.tab).toHaveAttribute('aria-selected', 'true');
  await expect(second.tab).toHaveAccessibleName(
    /^Gateway shell, \S+@127\.0\.0\.1:\d+ · Factory gateway, running$/,
  );
  await expect(first.terminal).toBeHidden();
  await expectAccessible(page, 'ra-session-page');
  await typeLine(page, "clear; echo sec''ond");
  await second.shows('second');

  await test.step('the hidden one continues, and has the right size when it is shown', async () => {
    await page.setViewportSize({ width: 1440, height: 900 });
    await first.tab.click();
    await expect(first.terminal).toBeFocused();
    await first.shows('first');
    // The command may run before the new size has reached the server.
    await expect(async () => {
      await typeLine(page, 'clear; echo size $(stty size)');
      const rows = await first.panel.locator('.xterm-rows > div').count();
      const size = new RegExp(`^size ${rows} \\d+$`, 'm');
      await expect.poll(() => first.lines(), { timeout: 3_000 }).toMatch(size);
    }).toPass();
    await typeLine(page, `clear; printf '%0400d' 0; echo; tput cols`);
    await expect
      .poll(async () => {
        const lines = (await first.lines()).split('\n');
        const wide = lines.find(line => /^0+$/.test(line))?.length;
        return wide !== undefined && lines.includes(String(wide));
      })
      .toBe(true);
  });

  await test.step('the hidden one says that it needs attention', async () => {
    await first.tab.click();
    await typeLine(page, "sleep 1; printf '\\a'; clear; echo ra''ng");
    await second.tab.click();
    await expect(first.tab).toHaveAccessibleName(/, needs attention$/);
    await first.tab.click();
    await expect(first.tab).toHaveAccessibleName(/, running$/);
    await first.shows('rang');
  });

  await test.step('closing asks, and ends one session only', async () => {
    await second.tab.click();
    await second.tab.press('Delete');
    const dialog = page.getByRole('dialog', { name: 'Close the tab?' });
    await expect(dialog.getByRole('button', { name: 'Stay' })).toBeFocused();
    await dialog.getByRole('button', { name: 'Stay' }).click();
    await expect(second.tab).toHaveAccessibleName(/, running$/);
    await second.tab.press('Delete');
    await dialog.getByRole('button', { name: 'Close tab' }).click();
    await expect(page.getByRole('tab', { name: /^Gateway shell/ })).toHaveCount(1);
    await expect(first.terminal).toBeFocused();
    await typeLine(page, "clear; echo st''ill");
    await first.shows('still');
  });
});

test('everything works by keyboard', async ({ page }) => {
  const [first, second] = sessions(page) as [SessionTab, SessionTab];
  await page.keyboard.press('Control+Shift+F6');
  await expect(first.panel.getByRole('button', { name: 'Disconnect' })).toBeFocused();
  await page.keyboard.press('Control+Shift+F6');
  await expect(first.tab).toBeFocused();

  await test.step('to a new tab', async () => {
    await page.keyboard.press('Tab');
    await expect(page.getByRole('button', { name: 'New tab', exact: true })).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(page.getByLabel('Search endpoints')).toBeFocused();
    await page.keyboard.type('gateway shell');
    // Enter connects to the first of those found, so the endpoints have to be there.
    await expect(
      page.getByRole('dialog').getByRole('button', { name: 'Gateway shell' }),
    ).toBeVisible();
    await page.keyboard.press('Enter');
    await second.hasPrompt();
    await expect(second.terminal).toBeFocused();
  });

  await test.step('from one terminal to the other', async () => {
    await page.keyboard.press('Control+Alt+PageUp');
    await expect(first.terminal).toBeFocused();
    await page.keyboard.press('Control+Alt+PageUp');
    await expect(second.terminal).toBeFocused();
  });

  await test.step('within the strip', async () => {
    await page.keyboard.press('Control+Shift+F6');
    await page.keyboard.press('Control+Shift+F6');
    await expect(second.tab).toBeFocused();
    await page.keyboard.press('ArrowRight');
    await expect(first.tab).toBeFocused();
    await expect(first.tab).toHaveAttribute('aria-selected', 'true');
    await page.keyboard.press('End');
    await expect(second.tab).toBeFocused();
    await page.keyboard.press('Home');
    await expect(first.tab).toBeFocused();
  });

  await test.step('to another order', async () => {
    const id = await first.tab.getAttribute('id');
    await page.keyboard.press('Shift+ArrowRight');
    await expect(second.tab).toHaveAttribute('id', id!);
    await expect(second.tab).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(first.terminal).toBeFocused();
    await page.keyboard.press('Control+Alt+Shift+PageUp');
    await expect(first.tab).toHaveAttribute('id', id!);
    await expect(first.terminal).toBeFocused();
  });

  await test.step('to the end', async () => {
    await page.keyboard.press('Control+Shift+F6');
    await page.keyboard.press('Control+Shift+F6');
    await expect(first.tab).toBeFocused();
    await page.keyboard.press('Delete');
    await expect(page.getByRole('button', { name: 'Stay' })).toBeFocused();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('tab', { name: /^Gateway shell/ })).toHaveCount(1);
    await expect(first.terminal).toBeFocused();
    await page.keyboard.press('Control+Shift+F6');
    await expect(first.panel.getByRole('button', { name: 'Disconnect' })).toBeFocused();
    await page.keyboard.press('Enter');
    const closing = page.getByRole('button', { name: 'Close tab' });
    await expect(closing).toBeVisible();
    await closing.press('Enter');
    await expect(page.getByRole('button', { name: 'Connect to Gateway shell' })).toBeVisible();
  });
});

test('a terminal and a desktop share the window', async ({ page }) => {
  const [terminal, desktop] = sessions(page) as [SessionTab, SessionTab];
  const split = page.getByRole('button', { name: 'Split', exact: true });
  await split.click();
  const dialog = page.getByRole('dialog', { name: 'Connect in a new tab' });
  await dialog.getByRole('button', { name: 'Operating panel' }).click();
  await expect(desktop.panel.locator('canvas')).toBeVisible();
  await expect(split).toHaveAttribute('aria-pressed', 'true');
  await expect(terminal.terminal).toBeAttached();
  await expectAccessible(page, 'ra-session-page');

  await test.step('input goes to the active one', async () => {
    await terminal.panel.locator('.xterm-screen').click();
    await expect(terminal.tab).toHaveAttribute('aria-selected', 'true');
    await typeLine(page, "clear; echo be''side");
    await terminal.shows('beside');
    await desktop.panel.locator('canvas').click();
    await expect(desktop.tab).toHaveAttribute('aria-selected', 'true');
  });

  await test.step('the divider moves by keyboard and pointer', async () => {
    const divider = page.getByRole('separator', { name: 'Divider between the two sessions' });
    const width = async (): Promise<number> => (await terminal.panel.boundingBox())!.width;
    const before = await width();
    await divider.press('ArrowRight');
    await expect(divider).toHaveAttribute('aria-valuenow', '55');
    expect(await width()).toBeGreaterThan(before);
    await divider.press('End');
    await expect(divider).toHaveAttribute('aria-valuenow', '80');
    const { x, y, width: thick, height } = (await divider.boundingBox())!;
    await page.mouse.move(x + thick / 2, y + height / 2);
    await page.mouse.down();
    await page.mouse.move(x - 300, y + height / 2, { steps: 5 });
    await page.mouse.up();
    expect(Number(await divider.getAttribute('aria-valuenow'))).toBeLessThan(70);
  });

  await test.step('a narrow window stacks them', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    const divider = page.getByRole('separator', { name: 'Divider between the two sessions' });
    await expect(divider).toHaveAttribute('aria-orientation', 'horizontal');
    const [above, below] = [
      (await terminal.panel.boundingBox())!,
      (await desktop.panel.boundingBox())!,
    ];
    expect(above.y + above.height).toBeLessThanOrEqual(below.y);
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  await split.click();
  await expect(terminal.terminal).toBeHidden();
  await terminal.tab.click();
  await terminal.shows('beside');
});

test('a reload restores the tabs, and leaving asks for all of them', async ({ page }) => {
  const [first, second] = sessions(page) as [SessionTab, SessionTab];
  await typeLine(page, "clear; marker=fir''st; echo be''fore");
  await first.shows('before');
  await openTab(page, 'Gateway shell');
  await second.hasPrompt();
  await typeLine(page, "clear; marker=sec''ond; echo be''fore");
  await second.shows('before');

  page.on('dialog', dialog => void dialog.accept());
  await page.reload();
  await second.shows('before');
  await second.terminal.focus();
  await typeLine(page, 'echo $marker');
  await second.shows('second');
  await first.tab.click();
  await first.shows('before');
  await expect(first.terminal).toBeFocused();
  await typeLine(page, 'echo $marker');
  await first.shows('first');

  await first.panel.getByRole('link', { name: 'Back to endpoints' }).click();
  const dialog = page.getByRole('dialog', { name: 'Leave the sessions?' });
  await expect(dialog).toContainText('You have 2 open sessions.');
  await dialog.getByRole('button', { name: 'Leave' }).click();
  await expect(page.getByRole('button', { name: 'Connect to Gateway shell' })).toBeVisible();
});

test('tabs are reordered by dragging, and closed with the mouse', async ({ page }) => {
  const [first, second] = sessions(page) as [SessionTab, SessionTab];
  await openTab(page, 'Old controller');
  await expect(second.tab).toHaveAccessibleName(/^Old controller, .*, running$/);
  const { width } = (await second.tab.boundingBox())!;
  await first.tab.dragTo(second.tab, { targetPosition: { x: width - 8, y: 12 } });
  await expect(first.tab).toHaveAccessibleName(/^Old controller/);
  await expect(second.tab).toHaveAccessibleName(/^Gateway shell/);
  await page.locator('ra-tab-strip .close-tab').nth(0).click();
  const dialog = page.getByRole('dialog', { name: 'Close the tab?' });
  await expect(dialog).toContainText('You are connected to Old controller.');
  await dialog.getByRole('button', { name: 'Close tab' }).click();
  await expect(first.tab).toHaveAccessibleName(/^Gateway shell/);
});

test('tabs are sorted by touch, after a long press', async ({ page }) => {
  const [first, second] = sessions(page) as [SessionTab, SessionTab];
  await openTab(page, 'Old controller');
  await expect(second.tab).toHaveAccessibleName(/^Old controller, .*, running$/);
  const from = (await first.tab.boundingBox())!;
  const to = (await second.tab.boundingBox())!;
  const y = from.y + from.height / 2;
  const browser = await page.context().newCDPSession(page);
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', x?: number) =>
    browser.send('Input.dispatchTouchEvent', {
      type,
      touchPoints: x === undefined ? [] : [{ x, y }],
    });
  await touch('touchStart', from.x + from.width / 2);
  await expect(page.locator('ra-tab-strip .place').first()).toHaveClass(/place--dragged/);
  await touch('touchMove', to.x + to.width - 8);
  await expect(page.locator('ra-tab-strip .place').nth(1)).toHaveClass(/place--after/);
  await touch('touchEnd');
  await expect(first.tab).toHaveAccessibleName(/^Old controller/);
  await expect(second.tab).toHaveAccessibleName(/^Gateway shell/);
});

test('the address of another session opens a tab, up to a limit', async ({ page }) => {
  const tabs = page.locator('ra-tab-strip').getByRole('tab');
  const address = new URL(page.url());
  for (let count = 2; count <= 10; count += 1) {
    await openTab(page, 'Old controller');
    await expect(tabs).toHaveCount(count);
  }
  const tooMany = page.getByText(/This window has 10 sessions/);
  await page.getByRole('button', { name: 'New tab', exact: true }).click();
  await expect(tooMany).toBeVisible();
  await expect(tabs).toHaveCount(10);
  await page.evaluate(hash => (location.hash = hash), address.hash);
  await expect(tabs.first()).toHaveAttribute('aria-selected', 'true');
  await expect(tabs).toHaveCount(10);
});

test('the endpoints to choose from do not cover each other, however long their names', async ({
  page,
  stack,
}) => {
  const long = `A press ${'with a very long name '.repeat(8)}`.trim();
  const id = await addShell(stack, { name: long, port: 9, username: 'op', password: 'x' });
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole('button', { name: 'New tab', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Connect in a new tab' });
  const choice = dialog.getByRole('button', { name: long });
  await expect(choice).toBeVisible();
  const text = (await choice.locator('span').first().boundingBox())!;
  const below = (await dialog.getByRole('button', { name: 'Gateway shell' }).boundingBox())!;
  expect(text.height).toBeGreaterThan(40);
  expect(text.y + text.height).toBeLessThanOrEqual(below.y);
  const path = `/service/remoteaccess/devices/1001/configurations/${id}`;
  await stack.fetch(path, 'engineer', { method: 'DELETE' });
});

test.describe('with forced colours', () => {
  test.use({ contextOptions: { forcedColors: 'active' } });

  test('the state of a session and its tab are still visible', async ({ page }) => {
    const [first] = sessions(page) as [SessionTab];
    await page.getByRole('button', { name: 'Split' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Old controller' }).click();
    const [stripDot, barDot] = [first.tab.locator('.dot'), first.panel.locator('.state .dot')];
    const canvas = await page.evaluate(() => {
      document.body.insertAdjacentHTML('beforeend', '<i id="canvas" style="color: Canvas"></i>');
      return getComputedStyle(document.getElementById('canvas')!).color;
    });
    for (const dot of [stripDot, barDot]) {
      await expect(dot).not.toHaveCSS('background-color', canvas);
    }
    const active = page.locator('ra-tab-strip .place--active');
    await expect(active).toHaveCSS('border-top-width', '3px');
    const edge = page.locator('.pane--active');
    expect(await edge.evaluate(pane => getComputedStyle(pane, '::after').backgroundColor)).not.toBe(
      canvas,
    );
  });
});
