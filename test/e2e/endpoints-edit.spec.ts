import { expectAccessible } from './accessibility';
import { EndpointsTab, GATEWAY } from './endpoints-tab';
import { expect, test } from './test';

/** These flows have many steps, and the browser may share two cores with other tests. */
test.describe.configure({ timeout: 120_000 });

const LIST = `/service/remoteaccess/devices/${GATEWAY}/configurations`;

const SHELL = {
  name: 'Shell',
  hostname: '10.0.1.1',
  port: 22,
  protocol: 'SSH',
  credentialsType: 'USER_PASS',
  username: 'pi',
  password: 'correct horse',
};

test('an engineer edits, duplicates and removes an endpoint', async ({ page, stack }) => {
  await stack.fetch(LIST, 'engineer', { method: 'POST', body: JSON.stringify(SHELL) });
  const tab = new EndpointsTab(page, stack);
  await tab.open();
  const before = await tab.stored('Shell');
  const isSet = tab.dialog.getByRole('group', { name: 'Password' });

  await test.step('renaming keeps the password, which is shown as set', async () => {
    await tab.choose('Shell', 'Edit');
    await expect(isSet).toContainText('Stored');
    await tab.fill({ Name: 'Shell of line 4' });
    await tab.save();
    const after = await tab.stored('Shell of line 4');
    expect(after?.id).toBe(before?.id);
    // Sealed again for the options that the form sets; it can still be unsealed.
    expect(after?.credentials['password']).toMatch(/^\{cipher\}v2\./);
    const answer = await stack.fetch(`${LIST}/${after?.id}`, 'engineer');
    expect(await answer.json()).not.toHaveProperty('unreadable');
  });

  await test.step('changing the host requires the password again before saving', async () => {
    await tab.choose('Shell of line 4', 'Edit');
    await tab.fill({ Host: '10.0.1.2' });
    await expect(tab.dialog.getByText('Enter the password again')).toBeVisible();
    await tab.fill({ Host: '10.0.1.1' });
    await expect(isSet).toBeVisible();
    await tab.fill({ Host: '10.0.1.2' });
    await tab.dialog.getByRole('button', { name: 'Save' }).click();
    await expect(tab.field('Password')).toBeFocused();
    await tab.fill({ Password: 'new horse' });
    await tab.save();
    const after = await tab.stored('Shell of line 4');
    expect(after?.hostname).toBe('10.0.1.2');
    expect(after?.credentials['password']).not.toBe(before?.credentials['password']);
  });

  await test.step('changing the password can be undone', async () => {
    await tab.choose('Shell of line 4', 'Edit');
    await tab.dialog.getByRole('button', { name: 'Change password' }).click();
    await expect(tab.field('Password')).toBeFocused();
    await tab.dialog.getByRole('button', { name: 'Keep stored password' }).click();
    await expect(isSet).toBeVisible();
    await tab.dialog.getByRole('button', { name: 'Cancel' }).click();
    await expect(tab.dialog).toHaveCount(0);
  });

  await test.step('a duplicate copies everything but the password', async () => {
    await tab.choose('Shell of line 4', 'Duplicate');
    await expect(tab.field('Name')).toHaveValue('Shell of line 4 (2)');
    await expect(tab.field('Host')).toHaveValue('10.0.1.2');
    await expect(tab.field('Password')).toHaveValue('');
    await expect(tab.dialog.getByText('The password is not duplicated.')).toBeVisible();
    await tab.fill({ Name: 'Shell of line 4' });
    await expect(tab.dialog.getByText('Another endpoint of this gateway has this')).toBeVisible();
    await tab.fill({ Name: 'Shell of line 4 (2)' });
    await tab.fill({ Password: 'other horse' });
    await tab.save();
    expect(await tab.stored('Shell of line 4 (2)')).toMatchObject({ hostname: '10.0.1.2' });
  });

  await test.step('removing asks for confirmation', async () => {
    await tab.choose('Shell of line 4 (2)', 'Remove');
    await expect(tab.dialog).toContainText('Remove "Shell of line 4 (2)"');
    await tab.dialog.getByRole('button', { name: 'Cancel' }).click();
    await expect(tab.row('Shell of line 4 (2)')).toBeVisible();
    await tab.choose('Shell of line 4 (2)', 'Remove');
    await tab.dialog.getByRole('button', { name: 'Remove', exact: true }).click();
    await expect(tab.row('Shell of line 4 (2)')).toHaveCount(0);
    expect(await tab.stored('Shell of line 4 (2)')).toBeUndefined();
  });

  await test.step('the audit log has every change', async () => {
    const audit = (await tab.audit()).join('\n');
    expect(audit).toMatch(/engineer: Endpoint "Shell of line 4" .* changed; changed: name/);
    expect(audit).toMatch(/changed: hostname, password; secrets set: password/);
    expect(audit).toMatch(/engineer: Endpoint "Shell of line 4 \(2\)" .* removed/);
  });

  await test.step('an endpoint removed in the meantime is reported and disappears from the list', async () => {
    await tab.choose('Shell of line 4', 'Edit');
    await stack.fetch(`${LIST}/${before?.id}`, 'admin', { method: 'DELETE' });
    await tab.fill({ Name: 'Too late' });
    await tab.dialog.getByRole('button', { name: 'Save' }).click();
    await expect(tab.dialog.getByRole('alert')).toContainText('It may have been removed');
    await tab.dialog.getByRole('button', { name: 'Cancel' }).click();
    await tab.dialog.getByRole('button', { name: 'Discard' }).click();
    await expect(tab.row('Shell of line 4')).toHaveCount(0);
  });
});

test('the form can be filled in, corrected and closed with the keyboard alone', async ({
  page,
  stack,
}) => {
  const tab = new EndpointsTab(page, stack);
  await tab.open();
  const { keyboard } = page;
  await page.getByRole('button', { name: 'Add endpoint' }).first().focus();
  await keyboard.press('Enter');
  await expect(tab.field('Name')).toBeFocused();

  await test.step('each missing value is reported at its field, and the first such field has the focus', async () => {
    await expectAccessible(page, 'modal-container');
    await keyboard.press('Enter');
    await expect(tab.field('Name')).toBeFocused();
    await expect(tab.dialog.getByText('Enter a name.')).toBeVisible();
    await expect(tab.dialog.getByText('Enter a host name or an IP address.')).toBeVisible();
    await expect(tab.field('Host')).toHaveAttribute('aria-invalid', 'true');
    await expectAccessible(page, 'modal-container');
  });

  await test.step('Escape asks before it discards input', async () => {
    await keyboard.type('Keyboard');
    await keyboard.press('Escape');
    await expect(page.getByRole('button', { name: 'Keep editing' })).toBeFocused();
    await keyboard.press('Escape');
    await expect(tab.field('Name')).toHaveValue('Keyboard');
    await expect(tab.field('Name')).toBeFocused();
  });

  await test.step('a value refused by the service is reported at its field', async () => {
    await keyboard.press('Tab');
    await keyboard.press('T');
    await expect(tab.field('Protocol')).toHaveValue('TELNET');
    await keyboard.press('Tab');
    await keyboard.type('300.1.1.1');
    await keyboard.press('Enter');
    await expect(
      tab.dialog.getByText('This is not a valid host name or IP address.'),
    ).toBeVisible();
    await expect(tab.field('Host')).toBeFocused();
  });

  await test.step('a double-click on Save saves once', async () => {
    await keyboard.press('Control+A');
    await keyboard.type('10.0.2.1');
    await tab.dialog.getByRole('button', { name: 'Save' }).dblclick();
    await expect(tab.dialog).toHaveCount(0);
    await expect(tab.row('Keyboard')).toHaveCount(1);
    const stored = (await tab.storedList()).filter(({ name }) => name === 'Keyboard');
    expect(stored).toHaveLength(1);
  });

  await test.step('an unchanged form closes at once', async () => {
    await tab.choose('Keyboard', 'Edit');
    await expect(tab.field('Name')).toBeFocused();
    await keyboard.press('Escape');
    await expect(tab.dialog).toHaveCount(0);
  });
});

test('two users who edit one endpoint see both versions, and either can be kept', async ({
  page,
  stack,
  consoleWatch,
}) => {
  consoleWatch.expectStatus(412);
  const created = await stack.fetch(LIST, 'engineer', {
    method: 'POST',
    body: JSON.stringify({ ...SHELL, name: 'Two editors' }),
  });
  const { id } = (await created.json()) as { id: string };
  const theirs = (change: object): Promise<Response> =>
    stack.fetch(`${LIST}/${id}`, 'admin', { method: 'PATCH', body: JSON.stringify(change) });
  const tab = new EndpointsTab(page, stack);
  await tab.open();
  const versions = tab.dialog.getByRole('alert').filter({ hasText: 'Someone else has changed' });
  const difference = (field: string) =>
    versions
      .getByRole('row')
      .filter({ has: page.getByRole('rowheader', { name: field, exact: true }) });

  await test.step('the form shows what differs, and stores nothing', async () => {
    // Not before the form knows which version it edits.
    const read = page.waitForResponse(answer => answer.url().endsWith(`/configurations/${id}`));
    await tab.choose('Two editors', 'Edit');
    await (await read).finished();
    await theirs({ username: 'operator' });
    await tab.fill({ Name: 'Two editors, mine' });
    await tab.dialog.getByRole('button', { name: 'Save' }).click();
    await expect(difference('Name').getByRole('cell')).toHaveText([
      'Two editors, mine',
      'Two editors',
    ]);
    await expect(difference('Username').getByRole('cell')).toHaveText(['pi', 'operator']);
    await expect(versions.getByRole('row')).toHaveCount(3);
    await expect(versions.getByRole('button', { name: 'Save my version' })).toBeFocused();
    await expectAccessible(page, 'modal-container');
    expect(await tab.stored('Two editors, mine')).toBeUndefined();
  });

  await test.step('the stored version can be edited instead', async () => {
    await versions.getByRole('button', { name: 'Edit the stored version' }).click();
    await expect(tab.field('Name')).toHaveValue('Two editors');
    await expect(tab.field('Username')).toHaveValue('operator');
    await expect(versions).toHaveCount(0);
  });

  await test.step('one’s own version replaces the other one, by keyboard', async () => {
    await theirs({ name: 'Two editors, theirs' });
    await tab.fill({ Username: 'mine' });
    await page.keyboard.press('Enter');
    await expect(difference('Name').getByRole('cell')).toHaveText([
      'Two editors',
      'Two editors, theirs',
    ]);
    await page.keyboard.press('Enter');
    await expect(tab.dialog).toHaveCount(0);
    const stored = await tab.stored('Two editors');
    expect(stored?.credentials).toMatchObject({ username: 'mine' });
    expect(await tab.stored('Two editors, theirs')).toBeUndefined();
  });
  await stack.fetch(`${LIST}/${id}`, 'admin', { method: 'DELETE' });
});
