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

/** A frame this long after the one before it shows that the page has been busy in between. */
const LATE_FRAME_MS = 100;

/** A page that is busy all the time, or hidden and therefore not drawn. */
const REST_WITHIN_MS = 1_000;

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
      rest.stop();
      clearTimeout(late);
      resolve();
    };
    const late = setTimeout(settled, SETTLED_WITHIN_MS);
    const rest = new LayoutRest(SETTLED_MS, settled);
    const observer = new ResizeObserver(() => rest.changed());
    observer.observe(element);
    rest.changed();
  });
}

/**
 * Tells when a layout has been at rest. Frames are counted, not just time: while a page is busy, the
 * changes that it has already made have no effect before its next frame.
 */
export class LayoutRest {
  private frame = 0;
  private late: ReturnType<typeof setTimeout> | undefined;

  /** @param restMs how long the layout has to stay as it is, in frames that are drawn in time */
  constructor(
    private readonly restMs: number,
    private readonly reached: () => void,
  ) {}

  /** The layout has just changed; also begins to wait. */
  changed(): void {
    this.stop();
    this.late = setTimeout(() => this.end(), REST_WITHIN_MS);
    this.count(performance.now(), 0);
  }

  stop(): void {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.late);
  }

  private count(before: number, restedMs: number): void {
    this.frame = requestAnimationFrame(now => {
      const passedMs = now - before;
      const rested = passedMs > LATE_FRAME_MS ? 0 : restedMs + passedMs;
      if (rested < this.restMs) this.count(now, rested);
      else this.end();
    });
  }

  private end(): void {
    this.stop();
    this.reached();
  }
}
