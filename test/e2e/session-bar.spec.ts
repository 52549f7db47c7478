import { expectAccessible } from './accessibility';
import { connectTo, screenText, typeLine } from './terminal-page';
import { expect, test } from './test';

/** One row of buttons. */
const MAX_BAR_PX = 48;

/** A row of text, and the frame. */
const MAX_EMPTY_PX = 52;

const SIZES = [
  { width: 1440, height: 900 },
  { width: 1024, height: 600 },
  { width: 390, height: 844 },
];

test('one bar says what a session is, and leaves the rest of the window to it', async ({
  page,
  signIn,
  openDevice,
}) => {
  await signIn('operator');
  await openDevice('Factory gateway');
  await connectTo(page, 'Gateway shell');
  const bar = page.locator('ra-session-bar');
  const terminal = page.locator('.xterm');

  for (const size of SIZES) {
    await test.step(`at ${size.width} × ${size.height}`, async () => {
      await page.setViewportSize(size);
      await expect.poll(async () => (await bar.boundingBox())!.height).toBeLessThan(MAX_BAR_PX);
      await expect(bar.getByText('Gateway shell')).toBeVisible();
      await expect(bar.getByRole('button', { name: 'Disconnect' })).toBeInViewport({ ratio: 1 });
      // Only whole rows are shown: less than one row, plus the frame, stays empty.
      const gap = async () => {
        const { y, height } = (await terminal.boundingBox())!;
        return size.height - y - height;
      };
      await expect.poll(gap).toBeLessThan(MAX_EMPTY_PX);
      expect(await gap()).toBeGreaterThanOrEqual(0);
      await expectAccessible(page, 'ra-session-page');
    });
  }

  await test.step('what does not fit is shown on demand, over the terminal', async () => {
    const tools = page.getByRole('button', { name: 'Tools', exact: true });
    const find = page.getByRole('button', { name: 'Find', exact: true });
    const before = await terminal.boundingBox();
    await expect(find).toBeHidden();
    await tools.click();
    await expect(find).toBeVisible();
    await expect(page.getByRole('button', { name: 'Connection details' })).toBeVisible();
    await expect(bar.getByTitle('Round-trip time of each hop')).toBeVisible();
    expect(await terminal.boundingBox()).toEqual(before);
    await expectAccessible(page, 'ra-session-page');
    await tools.focus();
    await page.keyboard.press('Escape');
    await expect(find).toBeHidden();
    await expect(tools).toBeFocused();
    await tools.click();
    await find.click();
    await expect(find).toBeHidden();
    await page.getByRole('button', { name: 'Close search' }).click();
    await page.locator('.xterm-screen').click();
    await typeLine(page, "clear; echo sti''ll here");
    await expect.poll(() => screenText(page)).toMatch(/^still here$/m);
  });
});

test('in a narrow bar, a tool that folds away leaves the focus in the bar', async ({
  page,
  signIn,
  openDevice,
}) => {
  await signIn('operator');
  await openDevice('Factory gateway');
  await connectTo(page, 'Gateway shell');
  await page.setViewportSize({ width: 390, height: 844 });
  const tools = page.getByRole('button', { name: 'Tools', exact: true });
  await tools.focus();
  await page.keyboard.press('Enter');
  const options = page.getByRole('button', { name: 'Options', exact: true });
  await options.focus();
  await page.keyboard.press('Enter');
  await expect(options).toBeHidden();
  await expect(page.getByLabel('Colours')).toBeVisible();
  await expect(tools).toBeFocused();

  await test.step('unless the tool takes it', async () => {
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Find', exact: true }).press('Enter');
    await expect(page.getByPlaceholder('Find in the terminal')).toBeFocused();
  });
  await page.getByRole('button', { name: 'Disconnect' }).click();
});
