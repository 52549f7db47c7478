import type { FitAddon } from '@xterm/addon-fit';
import type { ISearchOptions, SearchAddon } from '@xterm/addon-search';
import type { SerializeAddon } from '@xterm/addon-serialize';
import type { WebglAddon } from '@xterm/addon-webgl';
import type { ITerminalOptions, Terminal } from '@xterm/xterm';

/** Lines of scrollback. At 200 columns, a full scrollback takes some 25 MB. */
const SCROLLBACK_LINES = 10_000;

export const FONT_FAMILY =
  'ui-monospace, "Cascadia Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace';

/** At 1, some fonts lose their descenders, and an underscore looks like a space. */
export const LINE_HEIGHT = 1.2;

/** Graphics drivers that render on the CPU, which is slower than drawing DOM elements. */
const SOFTWARE_RENDERERS = /swiftshader|llvmpipe|softpipe|software|basic render/i;

/** xterm.js and the addons that are needed after loading. */
export interface XtermParts {
  readonly terminal: Terminal;
  readonly fit: FitAddon;
  readonly search: SearchAddon;
  readonly serialize: SerializeAddon;
  /** Gets the address of a link that the user clicked. */
  linkClicked: (address: string) => void;
  /** The size that fitted when the terminal was shown. */
  firstSize?: XtermSize;
}

export interface XtermSize {
  readonly cols: number;
  readonly rows: number;
}

/** Loads xterm.js and its addons. Rejects if that fails. */
export function loadXterm() {
  return Promise.all([
    import('@xterm/xterm'),
    import('@xterm/addon-fit'),
    import('@xterm/addon-search'),
    import('@xterm/addon-serialize'),
    import('@xterm/addon-unicode11'),
    import('@xterm/addon-web-links'),
    import('@xterm/addon-webgl'),
    import('@xterm/xterm/css/xterm.css'),
  ]);
}

/** Loads xterm.js and opens a terminal in an element. Rejects if loading fails. */
export async function openXterm(
  element: HTMLElement,
  options: ITerminalOptions = {},
): Promise<XtermParts> {
  const [xterm, fitting, searching, serializing, unicode, links, webgl] = await loadXterm();
  const linkClicked = (address: string): void => parts.linkClicked(address);
  const terminal = new xterm.Terminal({
    ...options,
    scrollback: SCROLLBACK_LINES,
    fontFamily: FONT_FAMILY,
    lineHeight: LINE_HEIGHT,
    cursorBlink: true,
    // The Unicode 11 addon needs an API that xterm.js still considers proposed.
    allowProposedApi: true,
    // Links that a program sets with OSC 8. Only http and https are clickable.
    linkHandler: {
      activate: (_, address) => linkClicked(address),
      allowNonHttpProtocols: false,
    },
  });
  const fit = new fitting.FitAddon();
  const search = new (keepSelection(searching.SearchAddon))();
  terminal.loadAddon(fit);
  terminal.loadAddon(search);
  const serialize = new serializing.SerializeAddon();
  terminal.loadAddon(serialize);
  terminal.loadAddon(new links.WebLinksAddon((_, address) => linkClicked(address)));
  // Shells have counted emoji as two cells wide for years; xterm.js still uses Unicode 6 by
  // default.
  terminal.loadAddon(new unicode.Unicode11Addon());
  terminal.unicode.activeVersion = '11';
  terminal.open(element);
  drawWithWebgl(terminal, webgl.WebglAddon);
  const parts: XtermParts = { terminal, fit, search, serialize, linkClicked: () => undefined };
  return parts;
}

/**
 * The addon repeats the search 200 ms after output or a resize. If the search has ended by then, it
 * would search for nothing and clear the selection, which the user may want to copy.
 */
function keepSelection(Addon: typeof SearchAddon): typeof SearchAddon {
  return class extends Addon {
    override findPrevious(term: string | undefined, options?: ISearchOptions): boolean {
      return term ? super.findPrevious(term, options) : false;
    }
  };
}

/**
 * Draws with WebGL if the graphics hardware supports it. Browsers take the context away from pages
 * that have too many; xterm.js then falls back to DOM elements.
 */
function drawWithWebgl(terminal: Terminal, Addon: typeof WebglAddon): void {
  if (!hasHardwareWebgl()) return;
  try {
    const webgl = new Addon();
    webgl.onContextLoss(() => webgl.dispose());
    terminal.loadAddon(webgl);
  } catch {
    // The driver supports less than it claims. xterm.js draws with DOM elements.
  }
}

function hasHardwareWebgl(): boolean {
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('webgl2', { failIfMajorPerformanceCaveat: true });
  if (!context) return false;
  // Chromium reports no caveat for its own software renderer, so check the name as well.
  const names = context.getExtension('WEBGL_debug_renderer_info');
  const name = names?.UNMASKED_RENDERER_WEBGL ?? context.RENDERER;
  const renderer: unknown = context.getParameter(name);
  // Browsers allow a page about sixteen contexts, so release this one immediately.
  context.getExtension('WEBGL_lose_context')?.loseContext();
  return typeof renderer !== 'string' || !SOFTWARE_RENDERERS.test(renderer);
}
