import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSshd, temporaryFolder, type Sshd } from '@remote-access/testkit';
import { expectAccessible } from './accessibility';
import { addShell, connectTo, pointAt, PROMPT, screenText, typeLine } from './terminal-page';
import { expect, tab, test } from './test';

test('a session can be reconnected in place and keeps its output', async ({
  page,
  signIn,
  openDevice,
}) => {
  await signIn('operator');
  await openDevice('Factory gateway');
  await connectTo(page, 'Gateway shell');
  await expect(page.getByTitle('Round-trip time of each hop')).toHaveText(/\d+ ms/);
  const address = /\S+@127\.0\.0\.1:\d+ · Factory gateway/;
  await expect(page.locator('ra-session-bar').getByText(address)).toBeVisible();
  await expect(page).toHaveTitle(/^Gateway shell – \S+@127\.0\.0\.1:\d+ – Factory gateway$/);
  await typeLine(page, "clear; echo first''Session; sleep 600");
  await expect.poll(() => screenText(page)).toMatch(/^firstSession$/m);
  await page.getByRole('button', { name: 'Disconnect' }).click();
  await page.getByRole('button', { name: 'Reconnect' }).click();
  await expect.poll(() => screenText(page)).toMatch(/firstSession[^]*[#$] *$/);

  await typeLine(page, 'exit 3');
  await expect(page.getByText(/status:? 3/)).toBeVisible();
  await page.getByRole('button', { name: 'Connection details' }).click();
  for (const step of [
    'Operation created for the gateway',
    'Gateway connected',
    'Endpoint answered',
    'Signed in',
  ]) {
    await expect(page.getByText(step)).toBeVisible();
  }
  await expect(page.getByText(/^SHA256:/)).toBeVisible();
});

for (const type of ['cookie', 'basic'] as const) {
  test(`another session opens in its own window, signed in with ${type}`, async ({
    page,
    context,
    signInByPage,
    openDevice,
  }) => {
    await signInByPage('operator', type);
    await openDevice('Factory gateway');
    await connectTo(page, 'Gateway shell');
    const opened = context.waitForEvent('page');
    await page.getByRole('button', { name: 'Open another session in a new window' }).click();
    const popUp = await opened;
    await expect.poll(() => screenText(popUp)).toMatch(PROMPT);
    await typeLine(popUp, "echo there''Too");
    await expect.poll(() => screenText(popUp)).toMatch(/^thereToo$/m);
    expect(await screenText(page)).not.toContain('thereToo');
    // The two sessions are independent.
    await popUp.getByRole('button', { name: 'Disconnect' }).click();
    await expect(popUp.getByRole('button', { name: 'Reconnect' })).toBeVisible();
    await page.bringToFront();
    await typeLine(page, "echo still''Here");
    await expect.poll(() => screenText(page)).toMatch(/^stillHere$/m);
  });
}

test('leaving asks for confirmation and sends no input', async ({ page, signIn, openDevice }) => {
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

    // Like closing the tab: the browser asks, and the page stays if the user declines.
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

test('a failed connection names the gateway and the step that failed', async ({
  page,
  stack,
  signIn,
  openDevice,
}) => {
  await addShell(stack, { name: 'Nobody there', port: 1, username: 'x', password: 'x' });
  await signIn('operator');
  await openDevice('Factory gateway');
  await tab(page, 'Remote access').click();
  await page.getByRole('button', { name: 'Connect to Nobody there' }).click();
  await expect(page.getByText('No answer from endpoint')).toBeVisible();
  const ending = page.getByRole('group', { name: /^The gateway could not (connect|reach)/ });
  await expect(ending).toBeFocused();
  await expect(ending.getByText('The gateway could not')).toHaveCount(1);
  await expect(ending.getByRole('listitem').last()).toContainText('No answer from endpoint');
  await expect(ending.getByRole('button', { name: 'Connect', exact: true })).toBeVisible();
  await expect(ending).toContainText('For the operator:');
  await expectAccessible(page, 'ra-session-page');
});

test.describe('an unknown server', () => {
  const USER = { name: 'welder', password: 'spark' };
  const RULES = 'https://welding.example/rules';
  const TWICE = ['UsePAM yes', 'KbdInteractiveAuthentication yes', 'PasswordAuthentication no'];
  const folder = temporaryFolder('banner');
  let sshd: Sshd;
  test.beforeAll(async () => {
    const twice = 'AuthenticationMethods keyboard-interactive,keyboard-interactive';
    const banner = join(folder.path, 'banner');
    writeFileSync(banner, `  For welders only:\n${RULES}\n`);
    const config = [...TWICE, twice, `Banner ${banner}`];
    sshd = await startSshd({ passwordUser: USER, config });
  });
  test.afterAll(async () => {
    await sshd.stop();
    folder.remove();
  });

  test('shows its key before anything is sent, and then asks its questions', async ({
    page,
    stack,
    signIn,
    openDevice,
  }) => {
    const credentials = { username: USER.name, password: USER.password };
    await addShell(stack, { name: 'Welding robot', port: sshd.port, ...credentials });
    await signIn('engineer');
    await openDevice('Factory gateway');
    await tab(page, 'Remote access').click();
    await page.getByRole('button', { name: 'Connect to Welding robot' }).click();

    const question = page.getByRole('alertdialog', { name: 'Is this the right server?' });
    await test.step('Abort has the focus and ends the session with nothing sent', async () => {
      await expect(question.getByText('ssh-ed25519')).toBeVisible();
      await expect(question.getByRole('img', { name: 'Randomart image' })).toBeVisible();
      await expect(question.getByRole('button', { name: 'Abort' })).toBeFocused();
      // The server shows its banner to users whom it lets sign in.
      expect(await screenText(page)).toBe('');
      await expectAccessible(page, 'ra-session-page');
      await page.keyboard.press('Enter');
      await expect(page.getByText('Not signed in')).toBeVisible();
      expect(sshd.log()).not.toContain(USER.name);
    });

    const form = page.getByRole('dialog', { name: 'Sign in' });
    await test.step('answers to the server are hidden', async () => {
      await page.getByRole('button', { name: 'Connect', exact: true }).click();
      await question.getByRole('button', { name: 'Connect once' }).click();
      const answer = form.getByLabel('Password');
      await expect(answer).toBeFocused();
      await expect(answer).toHaveAttribute('type', 'password');
      await expect.poll(() => screenText(page)).toContain(`  For welders only:\n${RULES}`);
      await pointAt(page, RULES);
      await page.mouse.down();
      await page.mouse.up();
      const link = page.getByRole('dialog', { name: 'Open this link?' });
      await expect(link.getByText(RULES)).toBeVisible();
      await page.keyboard.press('Escape');
      await expect(link).toHaveCount(0);
      await answer.focus();
      await expectAccessible(page, 'ra-session-page');
      await page.keyboard.type(`${USER.password}\n`);
      await expect.poll(() => screenText(page)).toMatch(PROMPT);
      await expect(page.getByText('host key not verified')).toBeVisible();
      await page.getByRole('button', { name: 'Disconnect' }).click();
    });

    await test.step('a saved key needs no confirmation', async () => {
      await page.getByRole('button', { name: 'Reconnect' }).click();
      await question.getByRole('button', { name: 'Save and connect' }).click();
      await form.getByLabel('Password').fill(USER.password);
      await form.getByRole('button', { name: 'Continue' }).click();
      await expect.poll(() => screenText(page)).toMatch(PROMPT);
      await expect(page.getByText('host key saved')).toBeVisible();
      await page.getByRole('button', { name: 'Disconnect' }).click();
      await page.getByRole('button', { name: 'Reconnect' }).click();
      await expect(form).toBeVisible();
      await expect(page.getByText('host key verified')).toBeVisible();
      await form.getByRole('button', { name: 'Cancel' }).click();
      await expect(page.getByRole('button', { name: 'Connect', exact: true })).toBeVisible();
    });
  });
});
