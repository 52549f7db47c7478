import { expect, tab, test } from './test';

test('an operating panel opens in its own tab, even after signing in with Basic', async ({
  page,
  context,
  signInByPage,
  openDevice,
}) => {
  await signInByPage('operator', 'basic');
  await openDevice('Factory gateway');
  await tab(page, 'Remote access').click();
  const opened = context.waitForEvent('page');
  await page.getByRole('button', { name: 'Connect to Operating panel' }).click();
  const desktop = await opened;
  await expect(desktop.getByRole('heading', { name: 'Operating panel' })).toBeVisible({
    timeout: 60_000,
  });
  await expect(desktop.getByText(/\d+ frames\/s/)).toBeVisible();
  await desktop.getByRole('button', { name: 'Disconnect' }).click();
  await expect(desktop.getByRole('button', { name: 'Reconnect' })).toBeVisible();
  // Leaving a disconnected desktop needs no confirmation.
  await desktop.close({ runBeforeUnload: true });
  await expect.poll(() => context.pages().length).toBe(1);
});
