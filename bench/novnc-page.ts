import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { chromium, type Browser, type Page } from '@playwright/test';

const CHROMIUM = '/usr/bin/chromium';
const VIEWPORT = { width: 1300, height: 820 };

/** How to reach a screen. */
export interface ScreenPlace {
  readonly webSocketUrl: string;
  /** POST returns a ticket for the WebSocket URL. The request is part of the measured time. */
  readonly ticketPath?: string;
  readonly password: string;
}

export interface ScreenFigures {
  /** From the click to the first complete update of the screen. */
  readonly firstFrameMs: number;
  readonly framesPerSecond: number;
}

/** A page that contains only noVNC, at the stack's origin. */
export class NovncPage {
  private constructor(
    private readonly browser: Browser,
    private readonly page: Page,
  ) {}

  static async open(origin: string, authorization: string): Promise<NovncPage> {
    const browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: [
        ...['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
        // Playwright serves the page, so Chromium would block its access to local addresses.
        '--disable-features=LocalNetworkAccessChecks',
      ],
    });
    try {
      const page = await browser.newPage({ viewport: VIEWPORT });
      const body = '<!doctype html><title>noVNC</title><div id="screen"></div>';
      await page.route('**/novnc-page', route => route.fulfill({ contentType: 'text/html', body }));
      await page.goto(`${origin}/novnc-page`);
      await page.addScriptTag({ content: novncModules() });
      await page.evaluate(prepare, authorization);
      return new NovncPage(browser, page);
    } catch (cause) {
      await browser.close();
      throw cause;
    }
  }

  /** Opens a screen, counts its frames for this long, and disconnects. */
  look(place: ScreenPlace, forMs: number): Promise<ScreenFigures> {
    return this.page.evaluate(
      ({ place, forMs }) => (window as unknown as Prepared).look(place, forMs),
      { place, forMs },
    );
  }

  /** @returns milliseconds from the request for a ticket to the first byte of the WebSocket */
  firstByte(place: Omit<ScreenPlace, 'password'>): Promise<number> {
    return this.page.evaluate(place => (window as unknown as Prepared).firstByte(place), place);
  }

  async close(): Promise<void> {
    await this.browser.close();
  }
}

type Require = (name: string) => unknown;

interface Prepared {
  readonly novncModules: Record<
    string,
    (require: Require, module: object, exports: object) => void
  >;
  look(place: ScreenPlace, forMs: number): Promise<ScreenFigures>;
  firstByte(place: Omit<ScreenPlace, 'password'>): Promise<number>;
}

/** noVNC's package is CommonJS. Returns a script with one function per file, by its path. */
function novncModules(): string {
  const lib = dirname(createRequire(__filename).resolve('@novnc/novnc/lib/rfb'));
  const functions = readdirSync(lib, { recursive: true, withFileTypes: true })
    .filter(file => file.isFile() && file.name.endsWith('.js'))
    .map(file => join(file.parentPath, file.name))
    .map(path => {
      const name = JSON.stringify(relative(dirname(lib), path));
      return `${name}: function (require, module, exports) { ${readFileSync(path, 'utf8')}\n}`;
    });
  return `window.novncModules = { ${functions.join(',\n')} };`;
}

/** Runs in the page. Loads noVNC and counts the updates that it draws. */
function prepare(authorization: string): void {
  interface Rfb extends EventTarget {
    disconnect(): void;
  }
  type RfbClass = new (target: Element, url: string, options: object) => Rfb;

  const { novncModules } = window as unknown as Prepared;
  const loaded = new Map<string, { exports: Record<string, unknown> }>();
  const load = (path: string): Record<string, unknown> => {
    const known = loaded.get(path);
    if (known) return known.exports;
    const module = { exports: {} };
    loaded.set(path, module);
    const requireFrom = (name: string): unknown =>
      load(new URL(name, `file:///${path}`).pathname.slice(1));
    novncModules[path]!(requireFrom, module, module.exports);
    return module.exports;
  };
  const Rfb = load('lib/rfb.js')['default'] as RfbClass;
  const prototype = Rfb.prototype as unknown as { _framebufferUpdate: () => boolean };
  const original = prototype._framebufferUpdate;
  let frames = 0;
  let onFrame = (): void => undefined;
  prototype._framebufferUpdate = function update(this: unknown): boolean {
    const isWhole = original.call(this);
    if (isWhole) {
      frames += 1;
      onFrame();
    }
    return isWhole;
  };
  const address = async ({ webSocketUrl, ticketPath }: Omit<ScreenPlace, 'password'>) => {
    if (!ticketPath) return webSocketUrl;
    const headers = { authorization };
    const answer = await fetch(ticketPath, { method: 'POST', headers });
    const { ticket } = (await answer.json()) as { ticket: string };
    return `${webSocketUrl}?ticket=${ticket}`;
  };
  const screen = document.querySelector('#screen')!;
  Object.assign(window, {
    async look(place: ScreenPlace, forMs: number): Promise<ScreenFigures> {
      const clickedAt = performance.now();
      const options = { credentials: { password: place.password } };
      const rfb = new Rfb(screen, await address(place), options);
      await new Promise<void>((resolve, reject) => {
        onFrame = resolve;
        rfb.addEventListener('disconnect', () => reject(new Error('The screen was not shown')));
      });
      const firstFrameMs = performance.now() - clickedAt;
      frames = 0;
      const startedAt = performance.now();
      await new Promise(resolve => setTimeout(resolve, forMs));
      const framesPerSecond = (1000 * frames) / (performance.now() - startedAt);
      const ended = new Promise(resolve => rfb.addEventListener('disconnect', resolve));
      rfb.disconnect();
      await ended;
      return { firstFrameMs, framesPerSecond };
    },
    async firstByte(place: Omit<ScreenPlace, 'password'>): Promise<number> {
      const clickedAt = performance.now();
      const socket = new WebSocket(await address(place));
      await new Promise((resolve, reject) => {
        socket.onmessage = resolve;
        socket.onclose = () => reject(new Error('The WebSocket closed without a byte'));
      });
      const tookMs = performance.now() - clickedAt;
      socket.close();
      return tookMs;
    },
  });
}
