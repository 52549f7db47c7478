import type { Page } from '@playwright/test';
import type { LocalStack } from '@remote-access/testkit';
import { expect, tab } from './test';

/** Wider than any terminal in these tests. */
const LONG_LINE = 400;

/** The prompt of a shell, with nothing typed after it. */
export const PROMPT = /[#$] *$/;

/** Adds an SSH endpoint on loopback to the gateway with an agent. @returns its id */
export async function addShell(stack: LocalStack, fields: object): Promise<string> {
  const body = JSON.stringify({
    hostname: '127.0.0.1',
    protocol: 'SSH',
    credentialsType: 'USER_PASS',
    ...fields,
  });
  const path = '/service/remoteaccess/devices/1001/configurations';
  const response = await stack.fetch(path, 'engineer', { method: 'POST', body });
  if (!response.ok) throw new Error(`POST: ${response.status} ${await response.text()}`);
  return ((await response.json()) as { id: string }).id;
}

/** Moves the pointer to the start of a line: xterm.js detects links only under the pointer. */
export async function pointAt(page: Page, text: string): Promise<void> {
  const line = page.locator('.xterm-rows > div', { hasText: text }).first();
  const box = (await line.boundingBox())!;
  await page.mouse.move(box.x + 10, box.y + box.height / 2);
  await page.mouse.move(box.x + 20, box.y + box.height / 2);
}

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
