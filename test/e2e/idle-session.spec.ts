import { expectAccessible } from './accessibility';
import { putSettings } from './tenant-settings';
import { connectTo, screenText, typeLine } from './terminal-page';
import { expect, test } from './test';

/** The shortest that a tenant may set; the page warns after half of it. */
const IDLE_TIMEOUT_MS = 10_000;

test.describe('a tenant whose idle sessions end', () => {
  test.beforeEach(({ stack }) => putSettings(stack, { idleTimeoutMs: IDLE_TIMEOUT_MS }));
  test.afterEach(({ stack }) => putSettings(stack));

  test('warns of the end, keeps the session of a user who stays, and ends it otherwise', async ({
    page,
    signIn,
    openDevice,
  }) => {
    await signIn('operator');
    await openDevice('Factory gateway');
    await connectTo(page, 'Gateway shell');
    const warning = page.getByRole('alert').filter({ hasText: 'has been idle for too long' });
    const stay = warning.getByRole('button', { name: 'Stay connected' });
    await expect(stay).toBeVisible({ timeout: IDLE_TIMEOUT_MS });
    await expect(warning).toContainText(/\d s left/);
    await stay.click();
    await expect(warning).toBeHidden();

    // The focus is back in the terminal, and the same shell answers.
    await typeLine(page, "clear; echo sti''ll here");
    await expect.poll(() => screenText(page)).toMatch(/^still here$/m);

    await expect(stay).toBeVisible({ timeout: IDLE_TIMEOUT_MS });
    await expectAccessible(page, 'ra-session-page');
    const ended = page.getByText('The session was closed because it was idle for too long.');
    await expect(ended).toBeVisible({ timeout: IDLE_TIMEOUT_MS });
    await expect(warning).toBeHidden();
    await expect(page.getByRole('button', { name: 'Reconnect' })).toBeVisible();
  });
});
