import { PROMPT, screenText, sizeAtFarEnd, sizeOnScreen, typeLine } from './terminal-page';
import { expect, tab, test } from './test';

test('an endpoint is added, its shell is used, and Control shows the operation', async ({
  page,
  stack,
  signInByPage,
  openDevice,
}) => {
  const { target } = stack.description;
  await signInByPage('engineer');
  await openDevice('Factory gateway');
  await tab(page, 'Remote access').click();

  await test.step('adds an endpoint', async () => {
    await page.getByRole('button', { name: 'Add endpoint' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Press controller');
    await page.getByLabel('Host', { exact: true }).fill('127.0.0.1');
    await page.getByLabel('Port', { exact: true }).fill(String(target.port));
    await page.getByLabel('Sign-in method').selectOption({ label: 'Public/private keys' });
    await page.getByLabel('Username').fill(target.userName);
    await page.getByRole('textbox', { name: 'Private key' }).fill(target.privateKey);
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByRole('button', { name: 'Connect to Press controller' })).toBeVisible();
  });

  await test.step('connects', async () => {
    await page.getByRole('button', { name: 'Connect to Press controller' }).click();
    await page.getByRole('button', { name: 'Save and connect' }).click();
    await expect.poll(() => screenText(page)).toMatch(PROMPT);
  });

  await test.step('types and reads Unicode', async () => {
    await typeLine(page, "printf 'čšž € 漢字 😀\\n'");
    await expect.poll(() => screenText(page)).toMatch(/^čšž € 漢字 😀$/m);
  });

  await test.step('resizes the window', async () => {
    const before = await sizeAtFarEnd(page);
    expect(before).toBe(await sizeOnScreen(page));
    await page.setViewportSize({ width: 1500, height: 950 });
    await expect.poll(() => sizeAtFarEnd(page)).not.toBe(before);
    // Both ends settle on the same new size.
    await expect(async () =>
      expect(await sizeAtFarEnd(page)).toBe(await sizeOnScreen(page)),
    ).toPass();
  });

  await test.step('runs a full-screen program', async () => {
    await typeLine(page, 'vi -u NONE /etc/services');
    await expect.poll(() => screenText(page)).toContain('# Network services');
    await page.keyboard.type(':q!\n');
    await expect.poll(() => screenText(page)).toMatch(PROMPT);
    await typeLine(page, 'top');
    await expect.poll(() => screenText(page)).toMatch(/PID +USER/);
    await page.keyboard.type('q');
    await expect.poll(() => screenText(page)).toMatch(PROMPT);
  });

  await test.step('disconnects', async () => {
    await page.getByRole('button', { name: 'Disconnect' }).click();
    await expect(page.getByRole('button', { name: 'Reconnect' })).toBeVisible();
  });

  await test.step('finds the operation and its user in Control', async () => {
    await page.getByRole('link', { name: 'Back to endpoints' }).click();
    await tab(page, 'Control').click();
    const operations = page.getByRole('main');
    await expect(operations.getByText('Connect to remote access server')).toBeVisible();
    await expect(operations.getByRole('button', { name: 'Successful' })).toBeVisible();
    await operations.getByRole('button', { expanded: false }).first().click();
    await operations.getByRole('button', { name: 'History of changes' }).click();
    await expect(operations.getByText('engineer').first()).toBeVisible();
  });
});

test('the shell has its size from the start, and no second one while the page opens', async ({
  page,
  stack,
  signIn,
  openDevice,
}) => {
  const { target } = stack.description;
  // Prints each size that the terminal gets.
  const command =
    "trap 'echo changed $(stty size)' WINCH; echo first $(stty size); echo '# '; while sleep 0.1; do :; done";
  const body = {
    name: 'Sizes',
    hostname: '127.0.0.1',
    port: target.port,
    protocol: 'SSH',
    credentialsType: 'KEY_PAIR',
    username: target.userName,
    privateKey: target.privateKey,
    hostKey: target.hostKey,
    command,
  };
  const added = await stack.fetch('/service/remoteaccess/devices/1001/configurations', 'engineer', {
    method: 'POST',
    body: JSON.stringify(body),
  });
  expect(added.status).toBe(201);
  await signIn('operator');
  await openDevice('Factory gateway');
  await tab(page, 'Remote access').click();
  const sizes = async (): Promise<string[]> =>
    (await screenText(page)).split('\n').filter(line => /^(first|changed) /.test(line));
  const click = (): Promise<void> => page.getByRole('button', { name: 'Connect to Sizes' }).click();
  let address = '';
  const openings: readonly [string, () => Promise<unknown>][] = [
    ['the first click', click],
    // This session opens before its page, which knows the size of the first one.
    ['the second click', click],
    // Navigator and tabs are rendered while the session opens.
    ['its address', () => page.goto(address)],
  ];
  for (const [way, open] of openings) {
    await test.step(`opened by ${way}`, async () => {
      await open();
      await expect.poll(sizes).not.toEqual([]);
      await page.getByRole('textbox', { name: 'Terminal' }).waitFor();
      // A size that was still on its way would be handled before this key.
      await page.keyboard.press('Enter');
      await expect
        .poll(() => page.getByTitle('Round-trip time of each hop').textContent())
        .toMatch(/\d+ ms/);
      const rows = await page.locator('.xterm-rows > div').count();
      const found = await sizes();
      // On a busy machine the navigator may appear after the layout seemed to be settled.
      expect(found.length).toBeLessThanOrEqual(way === 'its address' ? 2 : 1);
      expect(found.at(-1)).toMatch(new RegExp(`^(first|changed) ${rows} \\d+$`));
      // A terminal that was opened in advance had another size.
      const height = async (part: string): Promise<number> =>
        (await page.locator(`.xterm ${part}`).boundingBox())!.height;
      expect(await height('.scrollbar.vertical')).toBe(await height('.xterm-screen'));
      await page.getByRole('button', { name: 'Disconnect' }).click();
      address = page.url();
      await page.getByRole('link', { name: 'Back to endpoints' }).click();
    });
    if (way === 'the second click') await page.goto('about:blank');
  }
});
