import { connectTo, screenText, typeLine } from './terminal-page';
import { expect, tab, test } from './test';

/** In a terminal of each kind: for Telnet, nothing but the gateway's own answers shows a hang. */
const ENDPOINTS = ['Gateway shell', 'Old controller'];

test('a session says that its gateway hangs, until it answers again', async ({
  page,
  stack,
  signIn,
  openDevice,
}) => {
  const agent = stack.description.parts.find(({ name }) => name === 'agent')!;
  await signIn('operator');
  await openDevice('Factory gateway');
  await tab(page, 'Remote access').click();
  const bar = page.locator('ra-session-bar');
  for (const name of ENDPOINTS) {
    await test.step(name, async () => {
      await page.getByRole('button', { name: `Connect to ${name}` }).click();
      await expect(bar.getByText('Connected', { exact: true })).toBeVisible();
      // Each hop has its own round trip, and the gateway has answered once.
      await expect(bar.getByTitle('Round-trip time of each hop')).toContainText(/gateway \d+ ms/);
      process.kill(agent.pid, 'SIGSTOP');
      try {
        await expect(bar.getByText('Gateway not answering')).toBeVisible();
        await expect(bar.getByText('Connected', { exact: true })).toHaveCount(0);
      } finally {
        process.kill(agent.pid, 'SIGCONT');
      }
      await expect(bar.getByText('Connected', { exact: true })).toBeVisible();
      await page.getByRole('button', { name: 'Disconnect' }).click();
      await page.getByRole('link', { name: 'Back to endpoints' }).click();
    });
  }
});

test('a session says that its SSH server hangs, until it answers again', async ({
  page,
  signIn,
  openDevice,
}) => {
  await signIn('operator');
  await openDevice('Factory gateway');
  await connectTo(page, 'Gateway shell');
  const bar = page.locator('ra-session-bar');
  await expect(bar.getByTitle('Round-trip time of each hop')).toContainText(/endpoint \d+ ms/);
  await typeLine(page, 'clear; echo "server $PPID"');
  const server = /^server (\d+)$/m;
  await expect.poll(() => screenText(page)).toMatch(server);
  const pid = Number(server.exec(await screenText(page))![1]);
  process.kill(pid, 'SIGSTOP');
  try {
    await expect(bar.getByText('Endpoint not answering')).toBeVisible();
    await expect(bar.getByText('Connected', { exact: true })).toHaveCount(0);
    // The last round trip is not shown as if it still held.
    const hops = bar.getByTitle('Round-trip time of each hop');
    await expect(hops).not.toContainText(/endpoint \d+ ms/);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await expect(bar.getByText('Connected', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Disconnect' }).click();
});
