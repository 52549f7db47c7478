import { expectedSize, LayoutRest, layoutSettled } from './expected-size';

const STYLE = { fontFamily: 'monospace', fontSizePx: 14, lineHeight: 1.2 };

/** jsdom has no layout, so this is what a browser would measure. */
function surface(width: number, height: number, padding = '0'): HTMLElement {
  const element = document.createElement('div');
  element.style.padding = padding;
  Object.defineProperties(element, {
    clientWidth: { value: width },
    clientHeight: { value: height },
  });
  document.body.append(element);
  return element;
}

describe('the size of a terminal that is still loading', () => {
  const measured = (px: number) => ({ configurable: true, get: () => px });

  function cells(width: number, height: number): void {
    Object.defineProperties(HTMLElement.prototype, {
      offsetWidth: measured(32 * width),
      offsetHeight: measured(height),
    });
  }

  afterEach(() => {
    document.body.replaceChildren();
    for (const name of ['offsetWidth', 'offsetHeight']) {
      Reflect.deleteProperty(HTMLElement.prototype, name);
    }
  });

  it('is what fits next to the scroll bar and into the padding', () => {
    cells(8.4, 16);
    // A line of 19.2 pixels takes 19.
    expect(expectedSize(surface(1_000, 500, '4px'), STYLE)).toEqual({ cols: 116, rows: 25 });
  });

  it('leaves nothing in the page', () => {
    cells(8, 16);
    const element = surface(1_000, 500);
    expectedSize(element, STYLE);
    expect(element.childElementCount).toBe(0);
  });

  it.each([
    ['nothing can be measured', 0, 0],
    ['there is no room yet', 8, 16],
  ])('is the default if %s', (_why, width, height) => {
    cells(width, height);
    expect(expectedSize(surface(0, 0), STYLE)).toEqual({ cols: 80, rows: 24 });
  });
});

describe('a layout that settles', () => {
  const RealObserver = globalThis.ResizeObserver;
  let resized: () => void;
  let isObserved = false;

  beforeEach(() => {
    jest.useFakeTimers();
    globalThis.ResizeObserver = class {
      constructor(callback: ResizeObserverCallback) {
        resized = () => callback([], this);
      }
      observe(): void {
        isObserved = true;
      }
      disconnect(): void {
        isObserved = false;
      }
      unobserve(): void {
        isObserved = false;
      }
    };
  });
  afterEach(() => {
    globalThis.ResizeObserver = RealObserver;
    jest.restoreAllMocks();
    jest.useRealTimers();
  });

  /** The browser draws a frame that long after the one before. */
  function drawsAfter(frameMs: () => number): void {
    jest
      .spyOn(window, 'requestAnimationFrame')
      .mockImplementation(draw => Number(setTimeout(() => draw(performance.now()), frameMs())));
    jest.spyOn(window, 'cancelAnimationFrame').mockImplementation(id => clearTimeout(id));
  }

  async function settlesAfter(resizeEveryMs: number, times: number): Promise<number> {
    let isSettled = false;
    void layoutSettled(document.createElement('div')).then(() => (isSettled = true));
    for (let ms = 0; ; ms += 50) {
      if (isSettled) return ms;
      if (ms > 0 && ms % resizeEveryMs === 0 && ms / resizeEveryMs <= times) resized();
      await jest.advanceTimersByTimeAsync(50);
    }
  }

  it('has kept its size for a while', async () => {
    expect(await settlesAfter(200, 3)).toBe(900);
    expect(isObserved).toBe(false);
  });

  it('has been drawn meanwhile: what a busy page has changed has no effect before', async () => {
    let isBusy = true;
    setTimeout(() => (isBusy = false), 600);
    drawsAfter(() => (isBusy ? 200 : 10));
    expect(await settlesAfter(200, 0)).toBe(850);
  });

  it('is not waited for without end', async () => {
    expect(await settlesAfter(200, 100)).toBe(1_500);
    expect(isObserved).toBe(false);
  });

  it('counts as settled a second after its last change if nothing is drawn in time', async () => {
    drawsAfter(() => 200);
    const reached = jest.fn();
    const rest = new LayoutRest(150, reached);
    rest.changed();
    await jest.advanceTimersByTimeAsync(900);
    rest.changed();
    await jest.advanceTimersByTimeAsync(999);
    expect(reached).not.toHaveBeenCalled();
    await jest.advanceTimersByTimeAsync(1);
    expect(reached).toHaveBeenCalledTimes(1);
    expect(jest.getTimerCount()).toBe(0);
  });
});
