import { expectAccessible } from './accessibility';
import { EndpointsTab, GATEWAY, type StoredEndpoint } from './endpoints-tab';
import { expect, test } from './test';

/** These flows have many steps, and the browser may share two cores with other tests. */
test.describe.configure({ timeout: 120_000 });

/** Endpoints as another program may have written them. */
function hundred(): StoredEndpoint[] {
  return Array.from({ length: 100 }, (_, index) => ({
    id: String(index + 1),
    name: `Machine ${index + 1}`,
    hostname: `10.1.0.${index + 1}`,
    port: 23,
    protocol: index % 2 ? 'VNC' : 'TELNET',
    credentials: { type: 'NONE' },
  }));
}

/** Pixels that nobody sees. */
const UNSEEN_PX = 3;

/**
 * Column heads stand over their columns, and the icon and the menu on the middle line of a row. All
 * is measured at the same time, because the page may still be moving.
 */
async function expectAligned({ page }: EndpointsTab): Promise<void> {
  const largestOffset = (): Promise<number> =>
    page.locator('ra-endpoint-list').evaluate(list => {
      const row = list.querySelector('c8y-li')!;
      const box = (part: Element | null): DOMRect => part!.getBoundingClientRect();
      const middle = ({ y, height }: DOMRect): number => y + height / 2;
      const columns = ['name', 'protocol', 'host'].map(
        column =>
          box(list.querySelector(`.head .${column}`)).x -
          box(row.querySelector(`.row-line > .${column}`)).x,
      );
      const centred = [...row.querySelectorAll('c8y-li-icon i, [title=Actions]')].map(
        part => middle(box(part)) - middle(box(row)),
      );
      return Math.max(...[...columns, ...centred].map(Math.abs));
    });
  await expect.poll(largestOffset).toBeLessThan(UNSEEN_PX);
}

test('a hundred endpoints are searched, sorted and opened', async ({ page, stack }) => {
  const tab = new EndpointsTab(page, stack);
  await tab.writePast({ c8y_RemoteAccessList: hundred() });
  await tab.confirmPast();
  await tab.open();
  const rows = tab.list.getByRole('listitem');
  await expect(rows).toHaveCount(100);

  await test.step('in natural order', async () => {
    await expect(rows.nth(1)).toContainText('Machine 2');
    await page.getByRole('button', { name: 'Sort by host' }).click();
    await page.getByRole('button', { name: 'Sort by host' }).click();
    await expect(rows.first()).toContainText('10.1.0.100:23');
    await page.getByRole('button', { name: 'Sort by protocol' }).click();
    await expect(rows.first()).toContainText('Telnet');
  });

  await test.step('in columns, with the icon and the menu on the middle line', async () => {
    await expectAligned(tab);
    await page.setViewportSize({ width: 1024, height: 768 });
    await expectAligned(tab);
    await page.setViewportSize({ width: 1440, height: 900 });
    await expectAligned(tab);
  });

  await test.step('by name and address', async () => {
    const search = page.getByRole('searchbox', { name: 'Search endpoints' });
    await search.fill('vnc 10.1.0.42');
    await expect(rows).toHaveCount(1);
    await expect(page.getByText('1 of 100 endpoints')).toBeVisible();
    await search.fill('nothing like it');
    await expect(page.getByText('No endpoint matches the search.')).toBeVisible();
    await search.fill('Machine 42');
  });

  await test.step('VNC in a new tab, Telnet in the page or a new tab', async () => {
    const vnc = page.getByRole('button', { name: 'Connect to Machine 42 in a new tab' });
    await expect(vnc).toHaveAttribute('target', '_blank');
    await expect(vnc).toHaveAttribute(
      'href',
      new RegExp(`session/index\\.html#/device/${GATEWAY}/remote-access/42\\?`),
    );
    await page.getByRole('searchbox', { name: 'Search endpoints' }).fill('Machine 41');
    const telnet = page.getByRole('button', { name: 'Connect to Machine 41' });
    const opened = page.context().waitForEvent('page');
    await telnet.click({ modifiers: ['Control'] });
    expect((await opened).url()).toContain(`/device/${GATEWAY}/remote-access/41`);
    await (await opened).close();
    await expect(tab.list).toBeVisible();
  });
});

test('a line says whether the gateway is online', async ({ page, stack }) => {
  const tab = new EndpointsTab(page, stack);
  await tab.open();
  const state = page.getByText('The gateway is offline. Connecting fails until it is back.');
  await expect(state).toHaveCount(0);
  await tab.writePast({
    c8y_Connection: { status: 'DISCONNECTED' },
    c8y_Availability: { status: 'UNAVAILABLE', lastMessage: '2026-01-05T10:00:00.000Z' },
  });
  await page.reload();
  await expect(state).toContainText('Last contact: 5 Jan 2026');
  await expectAccessible(page, 'ra-endpoints-page');
  await tab.writePast({ c8y_Connection: { status: 'CONNECTED' }, c8y_Availability: null });
  await page.reload();
  await expect(page.getByText('The gateway is online.')).toBeVisible();
  await tab.writePast({ c8y_Connection: null });
});

test('unusable entries say why, and protocols that the gateway does not allow are blocked', async ({
  page,
  stack,
  browser,
}) => {
  const [telnet, vnc] = hundred();
  const damaged = { id: '9', name: 'By hand', protocol: 'RDP', hostname: '10.1.1.1' };
  const tab = new EndpointsTab(page, stack);
  await tab.writePast({
    c8y_RemoteAccessList: [telnet, vnc, damaged],
    c8y_RemoteAccessSupportedProtocols: ['vnc', 'SSH'],
  });
  await tab.confirmPast();
  await tab.open();

  await test.step('a damaged entry has no Connect and can be removed', async () => {
    const row = tab.row('By hand');
    await expect(row).toContainText('Damaged');
    await expect(row).toContainText('protocol is missing or unknown');
    await expect(row.getByRole('button', { name: /^Connect/ })).toHaveCount(0);
    await expectAccessible(page, 'ra-endpoints-page');
    await tab.choose('By hand', 'Remove');
    await tab.dialog.getByRole('button', { name: 'Remove', exact: true }).click();
    await expect(row).toHaveCount(0);
    expect((await tab.storedList()).map(({ id }) => id)).toEqual(['1', '2']);
  });

  await test.step('an entry with a protocol that the gateway does not allow has no Connect', async () => {
    const row = tab.row('Machine 1');
    await expect(row).toContainText('The gateway does not allow this protocol.');
    await expect(row.getByRole('button', { name: /^Connect/ })).toHaveCount(0);
  });

  await test.step('an endpoint with such a protocol cannot be added', async () => {
    await page.getByRole('button', { name: 'Add endpoint' }).click();
    await expect(tab.dialog.getByText('This gateway allows only SSH, VNC.')).toBeVisible();
    const options = tab.field('Protocol').getByRole('option');
    await expect(options.filter({ hasText: 'Telnet' })).toBeDisabled();
    await expect(options.filter({ hasText: 'SSH' })).toBeEnabled();
    await expectAccessible(page, 'modal-container');
    await tab.dialog.getByRole('button', { name: 'Cancel' }).click();
  });

  await test.step('a user who may only connect sees which permissions are missing', async () => {
    await tab.writePast({ c8y_RemoteAccessSupportedProtocols: null });
    const other = await (await browser.newContext()).newPage();
    const operators = new EndpointsTab(other, stack);
    await operators.open('operator');
    await expect(other.getByText('To add, edit or remove endpoints, you need ADMIN')).toBeVisible();
    await expect(other.getByTitle('Actions')).toHaveCount(0);
    await expectAligned(operators);
    // Nothing is missing for an engineer.
    await expect(page.getByText('Ask your administrator')).toHaveCount(0);
    await other.context().close();
  });
});

test('a list with one endpoint says so, and what can be unfolded has a marker', async ({
  page,
  stack,
}) => {
  const tab = new EndpointsTab(page, stack);
  await tab.writePast({ c8y_RemoteAccessList: [] });
  await tab.open();
  await tab.add('Telnet', { Name: 'The only one', Host: '10.1.0.1' });
  const summary = tab.dialog.locator('summary', { hasText: 'Keys for older systems' });
  await expect(summary).toHaveCSS('display', 'list-item');
  await tab.save();
  await expect(page.getByText('1 endpoint', { exact: true })).toBeVisible();
});
