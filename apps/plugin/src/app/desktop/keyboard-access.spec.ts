import { giveKeyboardAccess } from './keyboard-access';

let canvas: HTMLCanvasElement;
let left: jest.Mock;
let released: jest.Mock;
let heard: string[];

beforeEach(() => {
  canvas = document.createElement('canvas');
  document.body.append(canvas);
  heard = [];
  canvas.addEventListener('keydown', ({ key }) => heard.push(key));
  [left, released] = [jest.fn(), jest.fn()];
  giveKeyboardAccess(canvas, { label: 'Screen', left, released });
});
afterEach(() => canvas.remove());

function press(key: string, modifiers: KeyboardEventInit = {}): KeyboardEvent {
  const event = new KeyboardEvent('keydown', { key, cancelable: true, ...modifiers });
  canvas.dispatchEvent(event);
  return event;
}

it('is reached by Tab and has a name', () => {
  expect(canvas.tabIndex).toBe(0);
  expect(canvas.getAttribute('aria-label')).toBe('Screen');
});

it('is left by Ctrl+Shift+F6, of which the machine hears nothing', () => {
  const event = press('F6', { ctrlKey: true, shiftKey: true });
  expect(event.defaultPrevented).toBe(true);
  expect(left).toHaveBeenCalledTimes(1);
  expect(heard).toEqual([]);
});

it('leaves all other keys to the machine', () => {
  press('Tab');
  press('F6');
  press('F6', { ctrlKey: true });
  press('f', { ctrlKey: true, shiftKey: true });
  expect(left).not.toHaveBeenCalled();
  expect(heard).toEqual(['Tab', 'F6', 'F6', 'f']);
});

it('tells when the keyboard has gone elsewhere', () => {
  canvas.focus();
  expect(released).not.toHaveBeenCalled();
  canvas.blur();
  expect(released).toHaveBeenCalledTimes(1);
});
