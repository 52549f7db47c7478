import { chromium, type Browser, type BrowserContext, type Page } from '@playwright/test';
import type { LocalStack } from '@remote-access/testkit';

const CHROMIUM = '/usr/bin/chromium';
const VIEWPORT = { width: 1300, height: 820 };
const PATIENCE_MS = 60_000;

/** Chromium, connected to the stack, with a signed-in user. */
export class ProductBrowser {
  private constructor(
    private readonly browser: Browser,
    private readonly stack: LocalStack,
    private readonly user: string,
  ) {}

  static async start(stack: LocalStack, user: string): Promise<ProductBrowser> {
    const browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'],
    });
    return new ProductBrowser(browser, stack, user);
  }

  /** A separate profile with an empty cache. */
  async profile(): Promise<BrowserContext> {
    const context = await this.browser.newContext({ viewport: VIEWPORT });
    context.setDefaultTimeout(PATIENCE_MS);
    const credentials = this.stack.authorization(this.user).replace('Basic ', '');
    await context.addInitScript(stored => sessionStorage.setItem('_tcy8', stored), credentials);
    await context.addInitScript(watchForScreens);
    return context;
  }

  /** Opens the tab Remote access of the gateway, and waits until it has loaded everything. */
  async openTab(context: BrowserContext): Promise<Page> {
    const page = await context.newPage();
    await page.goto(
      `${this.stack.url}/apps/devicemanagement/index.html#/device/1001/remote-access`,
    );
    await page.getByRole('list', { name: 'Endpoints' }).waitFor();
    await settled(page);
    return page;
  }

  async stop(): Promise<void> {
    await this.browser.close();
  }
}

/**
 * Waits until no resource was loaded for a second. The tab streams its sessions, so the network is
 * never idle.
 */
async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const last = performance.getEntriesByType('resource').at(-1) as PerformanceResourceTiming;
    return performance.now() - Math.max(last.startTime, last.responseEnd) > 1_000;
  });
}

/** Timestamps of events in a page, in milliseconds since 1970; the same clock in every tab. */
interface Watch {
  clickedAt?: number;
  promptAt?: number;
  pictureAt?: number;
}

/**
 * Runs in every page before its own scripts. Notes when the user last clicked, and when a prompt or
 * the first picture of a desktop appeared on the screen.
 */
function watchForScreens(): void {
  const watch: Watch = {};
  Object.assign(window, { watch });
  const now = (): number => performance.timeOrigin + performance.now();
  addEventListener(
    'click',
    () => {
      watch.clickedAt = now();
      delete watch.promptAt;
    },
    { capture: true },
  );
  const hasPrompt = (): boolean =>
    Array.from(document.querySelectorAll('.xterm-rows > div')).some(row =>
      /[#$] *$/.test((row.textContent ?? '').replaceAll('\u00a0', ' ')),
    );
  /** The middle of the picture has been drawn if it is opaque. */
  const hasPicture = (): boolean =>
    Array.from(document.querySelectorAll('canvas')).some(canvas => {
      const { width, height } = canvas;
      if (width < 640) return false;
      const middle = canvas.getContext('2d')?.getImageData(width / 2, height / 2, 1, 1).data;
      return middle !== undefined && middle[3] !== 0;
    });
  const look = (): void => {
    if (watch.promptAt === undefined && hasPrompt()) watch.promptAt = now();
    if (watch.pictureAt === undefined && hasPicture()) watch.pictureAt = now();
    // In a headless browser, a tab opened by another tab gets no animation frames.
    if (watch.pictureAt === undefined) setTimeout(look, 8);
  };
  look();
}

/** @returns milliseconds from the click on Connect to the prompt */
export async function connectTerminal(page: Page, name: string): Promise<number> {
  await page.getByRole('button', { name: `Connect to ${name}` }).click();
  const taken = await page.waitForFunction(() => {
    const { watch } = window as unknown as { watch: Watch };
    return watch.promptAt !== undefined && watch.promptAt - watch.clickedAt!;
  });
  return (await taken.jsonValue()) as number;
}

/** Ends the session and returns to the list, as a user would. */
export async function leaveTerminal(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Disconnect' }).click();
  await page.getByRole('link', { name: 'Back to endpoints' }).click();
  await page.getByRole('list', { name: 'Endpoints' }).waitFor();
  await settled(page);
}

/** @returns milliseconds from a click in one tab to the first picture in the tab that it opens */
export async function openDesktop(page: Page, click: () => Promise<void>): Promise<number> {
  const opened = page.context().waitForEvent('page');
  await click();
  const desktop = await opened;
  const pictureAt = await desktop.waitForFunction(
    () => (window as unknown as { watch: Watch }).watch.pictureAt,
    undefined,
    { polling: 50 },
  );
  const clickedAt = await page.evaluate(
    () => (window as unknown as { watch: Watch }).watch.clickedAt!,
  );
  const taken = (await pictureAt.jsonValue()) as number;
  await desktop.close();
  return taken - clickedAt;
}
