import type { LocalStack } from '@remote-access/testkit';
import { expectAccessible } from './accessibility';
import { EndpointsTab, GATEWAY } from './endpoints-tab';
import { expect, test } from './test';

const LIST = `/service/remoteaccess/devices/${GATEWAY}/configurations`;

const ROBOT = {
  name: 'Welding robot',
  hostname: '10.0.1.1',
  port: 22,
  protocol: 'SSH',
  credentialsType: 'USER_PASS',
  username: 'pi',
  password: 'correct horse',
};

test('an endpoint that was changed outside is checked and confirmed', async ({ page, stack }) => {
  await stack.fetch(LIST, 'engineer', { method: 'POST', body: JSON.stringify(ROBOT) });
  const tab = new EndpointsTab(page, stack);
  const list = await tab.storedList();
  await tab.writePast({
    c8y_RemoteAccessList: list.map(entry =>
      entry.name === ROBOT.name ? { ...entry, hostname: '10.0.1.99' } : entry,
    ),
  });
  await tab.open();
  const row = tab.row('Welding robot');

  await test.step('it cannot be connected to, and says why', async () => {
    await expect(row).toContainText('Changed outside');
    await expect(row.getByRole('button', { name: /^Connect/ })).toHaveCount(0);
    await expectAccessible(page, 'ra-endpoints-page');
  });

  await test.step('the dialog shows what is confirmed and asks for the password', async () => {
    await row.getByRole('button', { name: 'Check and confirm Welding robot' }).click();
    await expect(tab.dialog).toContainText('10.0.1.99:22');
    await expect(tab.dialog).toContainText('No host key: any server is accepted');
    const confirm = tab.dialog.getByRole('button', { name: 'Confirm', exact: true });
    await expect(confirm).toHaveAttribute('aria-disabled', 'true');
    await expectAccessible(page, 'modal-container');
    await tab.dialog.getByLabel('Password').fill('new horse');
    await confirm.click();
    await expect(tab.dialog).toHaveCount(0);
  });

  await test.step('then it can be connected to', async () => {
    await expect(row.getByRole('button', { name: /^Connect/ })).toBeVisible();
    await expect(row).not.toContainText('Changed outside');
  });
});

test('changed endpoints are checked and confirmed with the keyboard alone', async ({
  page,
  stack,
}) => {
  const names = ['First robot', 'Second robot'];
  for (const name of names) {
    const body = { ...ROBOT, name, credentialsType: 'NONE', protocol: 'TELNET', port: 23 };
    await stack.fetch(LIST, 'engineer', { method: 'POST', body: JSON.stringify(body) });
  }
  const tab = new EndpointsTab(page, stack);
  await tab.writePast({
    c8y_RemoteAccessList: (await tab.storedList()).map(entry =>
      names.includes(entry.name) ? { ...entry, hostname: '10.0.1.98' } : entry,
    ),
  });
  await tab.open();
  const { keyboard } = page;
  const check = tab.row('First robot').getByRole('button', { name: /^Check and confirm/ });

  await test.step('Tab reaches the buttons in the order of the page', async () => {
    await page.getByRole('button', { name: 'Check all' }).focus();
    const reached = async (): Promise<boolean> =>
      check.evaluate(button => button === document.activeElement);
    for (let presses = 0; presses < 30 && !(await reached()); presses += 1) {
      await keyboard.press('Tab');
    }
    await expect(check).toBeFocused();
  });

  await test.step('Escape closes the dialog, and the focus is back on the button', async () => {
    await keyboard.press('Enter');
    await expect(tab.dialog).toContainText('10.0.1.98:23');
    await keyboard.press('Escape');
    await expect(tab.dialog).toHaveCount(0);
    await expect(check).toBeFocused();
    await expect(tab.row('First robot')).toContainText('Changed outside');
  });

  await test.step('one is confirmed, and then the rest', async () => {
    await keyboard.press('Enter');
    await expect(tab.dialog).toBeVisible();
    const confirm = tab.dialog.getByRole('button', { name: 'Confirm', exact: true });
    for (let presses = 0; presses < 10; presses += 1) {
      if (await confirm.evaluate(button => button === document.activeElement)) break;
      await keyboard.press('Tab');
    }
    await expect(confirm).toBeFocused();
    await keyboard.press('Enter');
    await expect(tab.dialog).toHaveCount(0);
    await expect(tab.row('First robot')).not.toContainText('Changed outside');
    await expect(tab.row('Second robot')).toContainText('Changed outside');
  });

  await removeAll(stack, names);
});

async function removeAll(stack: LocalStack, names: readonly string[]): Promise<void> {
  const list = (await (await stack.fetch(LIST, 'engineer')).json()) as {
    id: string;
    name: string;
  }[];
  for (const { id } of list.filter(({ name }) => names.includes(name))) {
    await stack.fetch(`${LIST}/${id}`, 'engineer', { method: 'DELETE' });
  }
}
