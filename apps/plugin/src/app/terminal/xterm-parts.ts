import type { FitAddon } from '@xterm/addon-fit';
import type { ISearchOptions, SearchAddon } from '@xterm/addon-search';
import type { Terminal } from '@xterm/xterm';
import { drawByGraphicsCard } from './webgl-drawing';

/** Lines that can be scrolled back to; at 200 columns some 25 MB when full. */
const SCROLLBACK_LINES = 10_000;

/** xterm.js and the addons that are spoken to afterwards. */
export interface XtermParts {
  readonly terminal: Terminal;
  readonly fit: FitAddon;
  readonly search: SearchAddon;
}

/** Loads xterm.js and puts it into an element. Rejects when it did not come. */
export async function openXterm(
  element: HTMLElement,
  linkClicked: (address: string) => void,
): Promise<XtermParts> {
  const [xterm, fitting, searching, unicode, links, webgl] = await Promise.all([
    import('@xterm/xterm'),
    import('@xterm/addon-fit'),
    import('@xterm/addon-search'),
    import('@xterm/addon-unicode11'),
    import('@xterm/addon-web-links'),
    import('@xterm/addon-webgl'),
    import('@xterm/xterm/css/xterm.css'),
  ]);
  const terminal = new xterm.Terminal({
    scrollback: SCROLLBACK_LINES,
    fontFamily: 'ui-monospace, "Cascadia Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace',
    // At 1 the foot of a line is cut off in some fonts, and an underscore looks like a space.
    lineHeight: 1.2,
    cursorBlink: true,
    // Choosing the widths of characters is an API of xterm.js that may still change.
    allowProposedApi: true,
    // Links that a program names (OSC 8); those of other protocols than http and https are none.
    linkHandler: {
      activate: (_, address) => linkClicked(address),
      allowNonHttpProtocols: false,
    },
  });
  const fit = new fitting.FitAddon();
  const search = new (lastingSearch(searching.SearchAddon))();
  terminal.loadAddon(fit);
  terminal.loadAddon(search);
  terminal.loadAddon(new links.WebLinksAddon((_, address) => linkClicked(address)));
  // Emoji are two cells wide for every shell of the last years; xterm.js itself counts as in 2006.
  terminal.loadAddon(new unicode.Unicode11Addon());
  terminal.unicode.activeVersion = '11';
  terminal.open(element);
  drawByGraphicsCard(terminal, webgl.WebglAddon);
  return { terminal, fit, search };
}

/**
 * The addon looks again 200 ms after output and changes of size. Where the search has ended in the
 * meantime it looks for nothing, and takes the selection away from who wants to copy it.
 */
function lastingSearch(Addon: typeof SearchAddon): typeof SearchAddon {
  return class extends Addon {
    override findPrevious(term: string | undefined, options?: ISearchOptions): boolean {
      return term ? super.findPrevious(term, options) : false;
    }
  };
}
