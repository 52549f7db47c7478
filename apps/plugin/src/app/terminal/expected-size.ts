/** The style of the terminal's cells, before xterm.js has measured them. */
export interface CellStyle {
  readonly fontFamily: string;
  readonly fontSizePx: number;
  readonly lineHeight: number;
}

/** Number of characters measured together, so that fractions of a pixel count. */
const MEASURED = 32;

/** Width that the fit addon reserves for the scroll bar. */
const SCROLL_BAR_PX = 14;

/** A page that is loading changes its layout several times, with shorter pauses. */
const SETTLED_MS = 250;

/** A page that never comes to rest does not keep the session waiting. */
const SETTLED_WITHIN_MS = 1_500;

/** The size of a terminal that has no room yet, or cannot be measured. */
const USUAL = { cols: 80, rows: 24 };

/**
 * The size, in cells, that a terminal in this element will have: the session opens with it while
 * xterm.js is still loading. Measured in the same way as xterm.js does; if it is off by one, the
 * terminal corrects it.
 */
export function expectedSize(
  element: HTMLElement,
  { fontFamily, fontSizePx, lineHeight }: CellStyle,
): { cols: number; rows: number } {
  const probe = document.createElement('span');
  Object.assign(probe.style, {
    position: 'absolute',
    visibility: 'hidden',
    whiteSpace: 'pre',
    lineHeight: 'normal',
    fontFamily,
    fontSize: `${fontSizePx}px`,
  });
  probe.textContent = 'W'.repeat(MEASURED);
  element.append(probe);
  const [width, height] = [probe.offsetWidth / MEASURED, probe.offsetHeight];
  probe.remove();
  const { clientWidth, clientHeight } = element;
  const style = getComputedStyle(element);
  const padding = (...sides: string[]): number =>
    sides.reduce(
      (sum, side) => sum + (Number.parseFloat(style.getPropertyValue(`padding-${side}`)) || 0),
      0,
    );
  const cols = (clientWidth - padding('left', 'right') - SCROLL_BAR_PX) / width;
  const rows = (clientHeight - padding('top', 'bottom')) / Math.floor(height * lineHeight);
  const isMeasured = Number.isFinite(cols) && Number.isFinite(rows) && cols >= 2 && rows >= 1;
  return isMeasured ? { cols: Math.floor(cols), rows: Math.floor(rows) } : USUAL;
}

/**
 * Resolves once an element has kept its size for a while: programs that read the size of their
 * terminal only once need the final one.
 */
export function layoutSettled(element: HTMLElement): Promise<void> {
  return new Promise(resolve => {
    const settled = (): void => {
      observer.disconnect();
      clearTimeout(quiet);
      clearTimeout(late);
      resolve();
    };
    let quiet = setTimeout(settled, SETTLED_MS);
    const late = setTimeout(settled, SETTLED_WITHIN_MS);
    const observer = new ResizeObserver(() => {
      clearTimeout(quiet);
      quiet = setTimeout(settled, SETTLED_MS);
    });
    observer.observe(element);
  });
}
