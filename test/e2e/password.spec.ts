import { startSshd, type Sshd } from '@remote-access/testkit';
import { PROMPT, screenText, typeLine } from './terminal-page';
import { expect, tab, test } from './test';

const USER = { name: 'fitter', password: 'pa55 wörd' };

test.describe('an SSH endpoint with user name and password', () => {
  let sshd: Sshd;
  test.beforeAll(async () => {
    sshd = await startSshd({ passwordUser: USER });
  });
  test.afterAll(() => sshd.stop());

  test('opens the shell of that user', async ({ page, signIn, openDevice }) => {
    await signIn('engineer');
    await openDevice('Factory gateway');
    await tab(page, 'Remote access').click();
    await page.getByRole('button', { name: 'Add endpoint' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Conveyor');
    await page.getByLabel('Host', { exact: true }).fill('127.0.0.1');
    await page.getByLabel('Port', { exact: true }).fill(String(sshd.port));
    await page.getByLabel('Sign-in method').selectOption({ label: 'Username and password' });
    await page.getByLabel('Username').fill(USER.name);
    await page.getByLabel('Password', { exact: true }).fill(USER.password);
    await page.getByRole('button', { name: 'Save' }).click();

    await page.getByRole('button', { name: 'Connect to Conveyor' }).click();
    await page.getByRole('button', { name: 'Connect once' }).click();
    await expect.poll(() => screenText(page)).toMatch(PROMPT);
    await typeLine(page, 'echo "[$(id -un)]"');
    await expect.poll(() => screenText(page)).toContain(`[${USER.name}]`);
    await page.getByRole('button', { name: 'Disconnect' }).click();
    await expect(page.getByRole('button', { name: 'Reconnect' })).toBeVisible();
  });
});
