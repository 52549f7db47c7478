import { shortcutOf } from '../terminal/shortcut';

export interface KeyboardAccess {
  /** What screen readers call it; with the keys that lead out. */
  readonly label: string;
  /** The person wants the keyboard elsewhere. */
  left(): void;
  /** The keyboard has gone elsewhere: what was down is not any more. */
  released(): void;
}

/** A screen that takes every key, also Tab, has to be reached by one and left by others. */
export function giveKeyboardAccess(
  canvas: HTMLCanvasElement,
  { label, left, released }: KeyboardAccess,
): void {
  canvas.tabIndex = 0;
  canvas.setAttribute('role', 'application');
  canvas.setAttribute('aria-label', label);
  canvas.addEventListener('blur', released);
  canvas.addEventListener(
    'keydown',
    event => {
      if (shortcutOf(event) !== 'leave') return;
      event.preventDefault();
      // The machine does not hear of it.
      event.stopImmediatePropagation();
      left();
    },
    { capture: true },
  );
}
