import { expect, tab, test } from './test';

test.describe('a user without permissions', () => {
  test('sees the missing permissions and no endpoints', async ({ page, signIn, openDevice }) => {
    await signIn('viewer');
    await openDevice('Factory gateway');
    await tab(page, 'Remote access').click();
    await expect(page.getByRole('alert')).toContainText('Remote access');
    await expect(page.getByRole('alert')).toContainText('Device control');
    await expect(page.getByText('Gateway shell')).toHaveCount(0);
    await expect(page.getByRole('button', { name: 'Add endpoint' })).toHaveCount(0);
    await expect(page.getByRole('button', { name: /^Connect/ })).toHaveCount(0);
  });

  test('is refused by the API as well', async ({ stack }) => {
    const device = '/service/remoteaccess/devices/1001/configurations';
    const list = await stack.fetch(device, 'viewer');
    expect(list.status).toBe(403);
    expect(await list.json()).toMatchObject({ error: 'remoteaccess/forbidden' });
    const ticket = '/service/remoteaccess/client/1001/configurations/1/tickets';
    expect((await stack.fetch(ticket, 'viewer', { method: 'POST' })).status).toBe(403);
  });
});

test.describe('a user who may connect but not configure', () => {
  test('can connect to existing endpoints and has no way to add one', async ({
    page,
    signIn,
    openDevice,
  }) => {
    await signIn('operator');
    await openDevice('Factory gateway');
    await tab(page, 'Remote access').click();
    await expect(page.getByRole('button', { name: 'Connect to Gateway shell' })).toBeVisible();
    await expect(page.getByRole('button', { name: 'Add endpoint' })).toHaveCount(0);
  });
});
