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

  await test.step('it has no Connect, and says why', async () => {
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
