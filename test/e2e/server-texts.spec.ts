import { readFileSync } from 'node:fs';
import { startOddSshServer, type OddSshServer } from '@remote-access/testkit';
import { addShell, pointAt, screenText } from './terminal-page';
import { expect, test } from './test';

test.describe('what an SSH server says before it decides about the sign-in', () => {
  let server: OddSshServer;
  test.afterEach(() => server.stop());

  test('is shown at once, and its link opens after asking', async ({ page, stack, signIn }) => {
    const address = 'https://idp.example/approve?id=42';
    const banners = ['Authorized use only\r\n', `  Approve this sign-in at\r\n${address}\r\n`];
    server = await startOddSshServer('greets with a link and decides later', { banners });
    await signIn('operator');
    await page.goto(await sessionWith(stack, server));
    const texts = `Authorized use only\n  Approve this sign-in at\n${address}`;
    await expect.poll(() => screenText(page)).toBe(texts);
    await expect(page.getByText('Connected', { exact: true })).toHaveCount(0);

    await page.context().route(address, route => route.fulfill({ body: 'approved' }));
    await pointAt(page, address);
    await expect(page.locator('.xterm-cursor-pointer')).toBeVisible();
    await page.mouse.down();
    await page.mouse.up();
    const dialog = page.getByRole('dialog', { name: 'Open this link?' });
    await expect(dialog.getByText(address)).toBeVisible();
    expect(page.context().pages()).toEqual([page]);
    const opened = page.context().waitForEvent('page');
    await dialog.getByRole('button', { name: 'Open in a new tab' }).click();
    await expect((await opened).getByText('approved')).toBeVisible();
    await (await opened).close();

    server.decide();
    await expect.poll(() => screenText(page)).toBe(`${texts}\nready`);
    await expect(page.getByText('Connected', { exact: true })).toBeVisible();
  });

  test('includes instructions without a question', async ({ page, stack, signIn }) => {
    server = await startOddSshServer('instructs without a prompt');
    await signIn('operator');
    await page.goto(await sessionWith(stack, server));
    await expect.poll(() => screenText(page)).toBe('Badge\nHold your badge to the reader.\nready');
  });

  test('is text only, and bounded, whatever it contains (security)', async ({
    page,
    context,
    stack,
    signIn,
  }) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    // Wide enough for all buttons of the bar.
    await page.setViewportSize({ width: 1600, height: 900 });
    const banners = [
      `${'long '.repeat(6_000)}END`,
      'before\x1b[2J\x1b[H\x1b]0;stolen title\x07\x1b]52;c;ZXZpbA==\x07\x9b2J\x1bcafter\r\n',
      'left\u202etfel\u2066 \u200bright\u2028\x07\x08\x7f end\r\n',
      '\x1b]8;;https://evil.example/\x07manual\x1b]8;;\x07\r\n',
    ];
    server = await startOddSshServer('greets with a link and decides later', { banners });
    await signIn('operator');
    await page.goto(await sessionWith(stack, server));
    await expect.poll(() => screenText(page)).toMatch(/manual/);
    const title = await page.title();
    expect(title).not.toContain('stolen');
    await expect(page.getByText('Bell', { exact: true })).toHaveCount(0);
    await expect(page.getByRole('dialog')).toHaveCount(0);

    server.decide();
    await expect.poll(() => screenText(page)).toMatch(/ready$/);
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save as text' }).click();
    const text = readFileSync(await (await download).path(), 'utf8');
    expect(text).toMatch(/before .*after/);
    expect(text).toMatch(/left.*right.*end/);
    expect(text).not.toContain('END');
    expect(text.match(/long/g)!.length).toBeLessThan(1_000);
    // No control characters, and nothing that hides or reorders text.
    expect(text).toMatch(/^[\n\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}]*$/u);
  });
});

async function sessionWith(
  stack: Parameters<typeof addShell>[0],
  { port, hostKey }: OddSshServer,
): Promise<string> {
  const credentials = { username: 'ana', password: 'right', hostKey };
  const id = await addShell(stack, { name: `Odd server ${port}`, port, ...credentials });
  return `/apps/devicemanagement/index.html#/device/1001/remote-access/${id}`;
}
