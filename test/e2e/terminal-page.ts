import type { Page } from '@playwright/test';
import { expect, tab } from './test';

/** Wider than any terminal in these tests. */
const LONG_LINE = 400;

/** The prompt of a shell, with nothing typed after it. */
export const PROMPT = /[#$] *$/;

/** Opens the shell of an endpoint from the device's page. */
export async function connectTo(page: Page, name: string): Promise<void> {
  await tab(page, 'Remote access').click();
  await page.getByRole('button', { name: `Connect to ${name}` }).click();
  await expect.poll(() => screenText(page)).toMatch(PROMPT);
}

/** The lines that the terminal shows. */
export async function screenText(page: Page): Promise<string> {
  const lines = await page.locator('.xterm-rows > div').allTextContents();
  return lines
    .map(line => line.replaceAll('\u00a0', ' ').trimEnd())
    .join('\n')
    .trimEnd();
}

export async function typeLine(page: Page, text: string): Promise<void> {
  await page.keyboard.type(`${text}\n`);
}

/** Interrupts the running program and waits for the prompt: the shell drops earlier input. */
export async function interrupt(page: Page): Promise<void> {
  await page.keyboard.press('Control+c');
  await expect.poll(() => screenText(page), { timeout: 5_000 }).toMatch(/\^C[^]*[#$] *$/);
}

/** Rows and columns as the far end reports them. */
export async function sizeAtFarEnd(page: Page): Promise<string> {
  await typeLine(page, 'clear; echo size $(stty size)');
  let size = '';
  await expect
    .poll(async () => (size = /^size (\d+ \d+)$/m.exec(await screenText(page))?.[1] ?? ''))
    .not.toBe('');
  return size;
}

/** Rows and columns as rendered, measured by where an overlong line wraps. */
export async function sizeOnScreen(page: Page): Promise<string> {
  await typeLine(page, `clear; printf '%0${LONG_LINE}d\\n' 0`);
  let rows: string[] = [];
  await expect
    .poll(async () => {
      rows = (await screenText(page)).split('\n').filter(row => /^0+$/.test(row));
      return rows.join('').length;
    })
    .toBe(LONG_LINE);
  return `${await page.locator('.xterm-rows > div').count()} ${rows[0]!.length}`;
}
