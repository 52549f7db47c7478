import type { ITerminalOptions, Terminal } from '@xterm/xterm';
import { whenIdle } from '../ui/when-idle';
import { openXterm, type XtermParts, type XtermSize } from './xterm-loader';

const CHARACTERS = Array.from({ length: 0x7f - 0x20 }, (_, at) => String.fromCharCode(0x20 + at));

/** The characters of most output. xterm.js measures each one when it first draws it, bold or not. */
const MEASURED = `${CHARACTERS.join('')}\x1b[1m${CHARACTERS.join('')}`;

/** A hidden page never draws. */
const DRAWN_WITHIN_MS = 500;

/** Lets the session that took the spare terminal open first. */
const REFILL_AFTER_MS = 1_000;

/** Laid out, so that it can be measured, but never seen. */
const HIDDEN: Partial<CSSStyleDeclaration> = {
  position: 'fixed',
  inset: '0',
  zIndex: '-1',
  visibility: 'hidden',
  contain: 'strict',
};

/** In a hidden tab, no frames are drawn. */
const SHOWN_WITHIN_MS = 100;

let spare: Promise<XtermParts | undefined> | undefined;

/**
 * Opens a terminal for the next session in advance, because that takes longer than connecting. A
 * failure is ignored here: the session then opens its own terminal and reports the failure.
 */
export function prepareXterm(options: ITerminalOptions): void {
  spare ??= openSpare(options).catch(() => undefined);
}

/**
 * Puts a terminal into an element: the spare one, or a new one if there is none. Only a new one has
 * the given options; the caller sets them on a spare one. Rejects if xterm.js cannot be loaded.
 *
 * @param expected the size that fits into the element, if it is known
 * @returns whether the terminal has that size; otherwise the caller has to fit it
 */
export async function takeXterm(
  element: HTMLElement,
  options: ITerminalOptions,
  expected?: XtermSize,
): Promise<{ parts: XtermParts; hasSize: boolean }> {
  const prepared = spare;
  spare = undefined;
  let taken: XtermParts | undefined;
  // The next one probably has the same place.
  const refill = (): void => prepareXterm({ ...options, ...taken?.firstSize });
  setTimeout(() => whenIdle(refill), REFILL_AFTER_MS);
  const parts = await prepared;
  if (!parts) {
    taken = await openXterm(element, options);
    return { parts: taken, hasSize: false };
  }
  taken = parts;
  const { terminal } = parts;
  element.append(terminal.element!);
  const isSame = terminal.cols === expected?.cols && terminal.rows === expected.rows;
  const hasSize = isSame && terminal.options.fontSize === options.fontSize;
  if (!hasSize) await untilShown(terminal.element!);
  return { parts, hasSize };
}

/**
 * Waits for the next frame in which an element is shown, if there is one soon. Until then, xterm.js postpones
 * what a new size means, except for its scroll bar, which then keeps the height of the old size.
 */
function untilShown(element: HTMLElement): Promise<void> {
  return new Promise(resolve => {
    const observer = new IntersectionObserver(entries => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) stop();
    });
    const timer = setTimeout(stop, SHOWN_WITHIN_MS);
    observer.observe(element);
    function stop(): void {
      clearTimeout(timer);
      observer.disconnect();
      resolve();
    }
  });
}

async function openSpare(options: ITerminalOptions): Promise<XtermParts> {
  const host = document.createElement('div');
  Object.assign(host.style, HIDDEN);
  host.inert = true;
  // In a shadow root, where the product's 9,000 CSS rules do not apply: with them, measuring takes a
  // hundred times as long.
  const element = host.attachShadow({ mode: 'closed' }).appendChild(document.createElement('div'));
  document.body.append(host);
  try {
    const parts = await openXterm(element, options);
    await draw(parts.terminal, MEASURED);
    parts.terminal.reset();
    return parts;
  } finally {
    host.remove();
  }
}

function draw(terminal: Terminal, text: string): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, DRAWN_WITHIN_MS);
    terminal.write(text, () => {
      const rendering = terminal.onRender(() => {
        rendering.dispose();
        clearTimeout(timer);
        resolve();
      });
      terminal.refresh(0, terminal.rows - 1);
    });
  });
}
