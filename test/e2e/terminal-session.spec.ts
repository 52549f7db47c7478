import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectTo, screenText, typeLine } from './terminal-page';
import { expect, test } from './test';

test('a session goes on in place, and what was read stays', async ({
  page,
  signIn,
  openDevice,
}) => {
  await signIn('operator');
  await openDevice('Factory gateway');
  await connectTo(page, 'Gateway shell');
  await expect(page.getByTitle('Round trip to the service')).toHaveText(/\d+ ms/);
  await typeLine(page, "clear; echo first''Session; sleep 600");
  await expect.poll(() => screenText(page)).toMatch(/^firstSession$/m);
  await page.getByRole('button', { name: 'Disconnect' }).click();
  await page.getByRole('button', { name: 'Reconnect' }).click();
  await expect.poll(() => screenText(page)).toMatch(/firstSession[^]*[#$] *$/);

  await typeLine(page, 'exit 3');
  await expect(page.getByText(/status:? 3/)).toBeVisible();
  await page.getByRole('button', { name: 'Details of the connection' }).click();
  for (const step of ['Operation created for the gateway', 'Gateway connected', 'Signed in']) {
    await expect(page.getByText(step)).toBeVisible();
  }
  await expect(page.getByText(/^SHA256:/)).toBeVisible();
});

test('leaving asks, and types nothing', async ({ page, signIn, openDevice }) => {
  const folder = mkdtempSync(join(tmpdir(), 'leaving-'));
  const typed = join(folder, 'typed');
  try {
    await signIn('operator');
    await openDevice('Factory gateway');
    await connectTo(page, 'Gateway shell');
    await typeLine(page, `clear; stty -icanon; echo rea''dy; cat > ${typed}; echo gone`);
    await expect.poll(() => screenText(page)).toMatch(/^ready$/m);

    const dialog = page.getByRole('dialog', { name: 'Leave the session?' });
    await page.getByRole('link', { name: 'Back to endpoints' }).click();
    await expect(dialog.getByRole('button', { name: 'Stay' })).toBeFocused();
    await dialog.getByRole('button', { name: 'Stay' }).click();
    await expect(dialog).toHaveCount(0);
    await expect(page.getByText('Connected', { exact: true })).toBeVisible();

    // As closing the tab: the browser asks, and the page stays when the answer is no.
    const asked = page.waitForEvent('dialog');
    await page.close({ runBeforeUnload: true });
    const question = await asked;
    expect(question.type()).toBe('beforeunload');
    await question.dismiss();
    await expect(page.getByText('Connected', { exact: true })).toBeVisible();

    await page.getByRole('link', { name: 'Back to endpoints' }).click();
    await dialog.getByRole('button', { name: 'Leave' }).click();
    await expect(page.getByRole('button', { name: 'Connect to Gateway shell' })).toBeVisible();
    expect(readFileSync(typed, 'utf8')).toBe('');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
