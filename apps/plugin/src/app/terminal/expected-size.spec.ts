import { expectedSize } from './expected-size';

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
