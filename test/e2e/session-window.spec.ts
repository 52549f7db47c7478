import { expectAccessible } from './accessibility';
import { connectTo, PROMPT, screenText, typeLine } from './terminal-page';
import { expect, tab, test } from './test';

const PAGE = /\/apps\/remote-access-plugin[^/]*\/session\/index\.html#/;

test('a separate window has a session and nothing else of the product', async ({
  page,
  context,
  signIn,
  openDevice,
}) => {
  await signIn('operator');
  await openDevice('Factory gateway');
  await connectTo(page, 'Gateway shell');
  const opened = context.waitForEvent('page');
  await page.getByRole('button', { name: 'Open another session in a new window' }).click();
  const popUp = await opened;
  const requested: string[] = [];
  popUp.on('request', request => requested.push(new URL(request.url()).pathname));
  await expect.poll(() => screenText(popUp)).toMatch(PROMPT);
  expect(popUp.url()).toMatch(PAGE);
  await expect(popUp).toHaveTitle(/Gateway shell.*Factory gateway/);
  await expect(popUp.locator('c8y-navigator-outlet')).toHaveCount(0);
  expect(requested.filter(path => path.startsWith('/apps/devicemanagement/'))).toEqual([]);
  await expectAccessible(popUp, 'ra-session-page');

  await test.step('a reload continues the session', async () => {
    await typeLine(popUp, "MARK=kept; clear; echo re''ady");
    await expect.poll(() => screenText(popUp)).toMatch(/^ready$/m);
    popUp.once('dialog', dialog => void dialog.accept());
    await popUp.reload();
    // Anything typed before that is lost.
    await expect(popUp.getByRole('textbox', { name: 'Terminal input' })).toBeFocused();
    await typeLine(popUp, "echo 'it is' $MARK");
    await expect.poll(() => screenText(popUp)).toMatch(/^it is kept$/m);
  });

  await test.step('a question is asked in a dialog', async () => {
    await popUp.evaluate(() =>
      document.querySelector('.xterm-helper-textarea')!.dispatchEvent(
        Object.assign(new Event('paste', { bubbles: true }), {
          clipboardData: { getData: () => 'one\ntwo\n' },
        }),
      ),
    );
    const dialog = popUp.getByRole('dialog');
    await expect(dialog.getByRole('heading')).toBeVisible();
    await expect(dialog.getByRole('button').first()).toBeFocused();
    await popUp.keyboard.press('Escape');
    await expect(dialog).toHaveCount(0);
  });

  await test.step('the way back leads to the product', async () => {
    await popUp.getByRole('button', { name: 'Disconnect' }).click();
    await popUp.getByRole('link', { name: 'Back to endpoints' }).click();
    await expect(tab(popUp, 'Remote access')).toBeVisible({ timeout: 60_000 });
    expect(popUp.url()).toContain('/apps/devicemanagement/index.html#/device/1001/remote-access');
  });
});

test('without a sign-in, the window leads to that of the product', async ({ page }) => {
  const query = 'window=own&app=devicemanagement';
  await page.goto(
    `/apps/remote-access-plugin/session/index.html#/device/1001/remote-access/1?${query}`,
  );
  await expect(page.getByLabel('Username')).toBeVisible({ timeout: 60_000 });
});

test('a late response about an endpoint of another gateway is ignored', async ({
  page,
  signInByPage,
  stack,
}) => {
  const configurations = (device: string) =>
    `/service/remoteaccess/devices/${device}/configurations`;
  const add = async (device: string, name: string): Promise<string> => {
    const body = { name, hostname: '127.0.0.1', port: 9, protocol: 'TELNET' };
    const init = { method: 'POST', body: JSON.stringify(body) };
    const answer = await stack.fetch(configurations(device), 'admin', init);
    return ((await answer.json()) as { id: string }).id;
  };
  // Both gateways have an endpoint with this id: only the gateway distinguishes them.
  const id = await add('1002', 'On the spare gateway');
  await signInByPage('admin');
  let answerLate = (): void => undefined;
  const isAsked = new Promise<void>(asked => {
    void page.route(`**${configurations('1001')}**`, async route => {
      asked();
      await new Promise<void>(resolve => (answerLate = resolve));
      await route.continue();
    });
  });
  const go = (device: string): Promise<void> =>
    page.evaluate(hash => void (location.hash = hash), `#/device/${device}/remote-access/${id}`);
  await go('1001');
  await isAsked;
  await go('1002');
  const name = page.locator('ra-session-bar').getByText('On the spare gateway');
  await expect(name).toBeVisible();
  const late = page.waitForResponse(`**${configurations('1001')}**`);
  answerLate();
  await (await late).finished();
  await expect(name).toBeVisible();
  await expect(page).toHaveTitle(/On the spare gateway/);
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await stack.fetch(`${configurations('1002')}/${id}`, 'admin', { method: 'DELETE' });
});
