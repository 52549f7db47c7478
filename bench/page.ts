import { startXvnc, temporaryFolder, type LocalStack } from '@remote-access/testkit';
import type { Page } from '@playwright/test';
import type { BenchEntry } from './entry';
import { Measurement } from './measurement';
import { novncFolder } from './novnc-own-page';
import { openPlainSsh } from './plain-ssh';
import { connectTerminal, leaveTerminal, openDesktop, ProductBrowser } from './product-page';
import { outputOf, PROMPT } from './terminal';
import { startWebsockify } from './websockify';

const WARM_CONNECTS = 15;
const COLD_CONNECTS = 7;
const DESKTOPS = 9;

const TERMINAL = 'Gateway shell';
const DESKTOP = 'Measured screen';
const GEOMETRY = '1280x800';
/** Contains no characters that addresses encode: noVNC's page would not decode a plus sign. */
const PASSWORD = 'panel-42';
const USER = 'operator';

const GOALS = { warm: 0.8, cold: 1.6, desktop: 1.3 };

/** What a user waits for in the browser: from a click on the product's page to the far end. */
export const page: BenchEntry = {
  name: 'page',
  async run(stack) {
    const folder = temporaryFolder('bench');
    const browser = await ProductBrowser.start(stack, USER);
    try {
      // Each result is printed immediately, because what follows may fail.
      report(await measureTerminal(stack, browser, folder.path));
      report(await measureDesktop(stack, browser, folder.path));
    } finally {
      await browser.stop();
      folder.remove();
    }
  },
};

function report(rows: readonly Row[]): void {
  if (rows.length === 0) return;
  console.table(rows.flatMap(({ ours, peer }) => [ours.row(), peer.row()]));
  for (const { ours, peer, goal } of rows) {
    const ratio = ours.percentile(0.5) / peer.percentile(0.5);
    console.log(`${ours.what}: ${ratio.toFixed(2)} times the peer (goal: at most ${goal})`);
  }
}

interface Row {
  readonly ours: Measurement;
  readonly peer: Measurement;
  readonly goal: number;
}

/** Alternating with OpenSSH's client, which connects to the same server directly. */
async function measureTerminal(
  stack: LocalStack,
  browser: ProductBrowser,
  folder: string,
): Promise<Row[]> {
  const ssh = async (peer: Measurement): Promise<void> =>
    peer.take(async () => {
      const terminal = openPlainSsh(stack, folder);
      await outputOf(terminal, PROMPT);
      terminal.close();
    });
  const warm = row('click → prompt', 'plain ssh', GOALS.warm);
  const cold = row('click → prompt, empty cache', 'plain ssh', GOALS.cold);

  console.log(`Connecting ${WARM_CONNECTS} times in one page …`);
  const context = await browser.profile();
  const tab = await browser.openTab(context);
  // The first round is a warm-up.
  for (let at = -1; at < WARM_CONNECTS; at += 1) {
    const taken = await connectTerminal(tab, TERMINAL);
    if (at >= 0) warm.ours.add(taken);
    await leaveTerminal(tab);
    if (at >= 0) await ssh(warm.peer);
  }
  await context.close();

  console.log(`Connecting ${COLD_CONNECTS} times with an empty cache …`);
  for (let at = 0; at < COLD_CONNECTS; at += 1) {
    const empty = await browser.profile();
    cold.ours.add(await connectTerminal(await browser.openTab(empty), TERMINAL));
    await empty.close();
    await ssh(cold.peer);
  }
  return [warm, cold];
}

/** Alternating with noVNC's own page over websockify, which a running page opens in a new tab. */
async function measureDesktop(
  stack: LocalStack,
  browser: ProductBrowser,
  folder: string,
): Promise<Row[]> {
  const novnc = await novncFolder();
  if (typeof novnc === 'string') return notMeasured(novnc);
  const xvnc = await startXvnc({
    securityTypes: ['VncAuth'],
    password: PASSWORD,
    geometry: GEOMETRY,
  });
  const websockify = await startWebsockify(xvnc.port, folder, novnc.path);
  try {
    if (typeof websockify === 'string') return notMeasured(websockify);
    await addScreen(stack, xvnc.port);
    const desktop = row('click → first picture in a new tab', "noVNC's page", GOALS.desktop);
    const context = await browser.profile();
    const tab = await browser.openTab(context);
    const opener = await openerOf(await context.newPage(), websockify.url);
    console.log(`Opening a screen of ${GEOMETRY} ${2 * DESKTOPS} times …`);
    for (let at = -1; at < DESKTOPS; at += 1) {
      await tab.bringToFront();
      const connect = tab.getByRole('button', { name: `Connect to ${DESKTOP}` });
      const ours = await openDesktop(tab, () => connect.click());
      await opener.bringToFront();
      const theirs = await openDesktop(opener, () => opener.getByRole('button').click());
      if (at < 0) continue;
      desktop.ours.add(ours);
      desktop.peer.add(theirs);
    }
    await context.close();
    return [desktop];
  } finally {
    if (typeof websockify !== 'string') await websockify.stop();
    await xvnc.stop();
  }
}

/** A page on websockify's server with a button that opens noVNC in a new tab. */
async function openerOf(opener: Page, webSocketUrl: string): Promise<Page> {
  const origin = webSocketUrl.replace(/^ws/, 'http');
  await opener.goto(`${origin}/package.json`);
  await opener.evaluate(password => {
    const button = document.createElement('button');
    const options = new URLSearchParams({ autoconnect: 'true', path: '', password });
    button.onclick = () => window.open(`/vnc.html?${options.toString()}`, '_blank');
    button.textContent = 'Open';
    document.body.replaceChildren(button);
  }, PASSWORD);
  return opener;
}

async function addScreen(stack: LocalStack, port: number): Promise<void> {
  const endpoint = { name: DESKTOP, hostname: '127.0.0.1', port, protocol: 'VNC' };
  const body = JSON.stringify({ ...endpoint, credentialsType: 'PASS_ONLY', password: PASSWORD });
  const path = '/service/remoteaccess/devices/1001/configurations';
  const response = await stack.fetch(path, 'engineer', { method: 'POST', body });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
}

function row(what: string, peer: string, goal: number): Row {
  return { ours: new Measurement(what), peer: new Measurement(`the same, ${peer}`), goal };
}

function notMeasured(why: string): Row[] {
  console.log(`The desktop is not measured: ${why}.`);
  return [];
}
