/** How long a finger must rest on an element to drag it rather than scroll the strip. */
const HOLD_MS = 400;

/** A resting finger still moves a little. */
const SLACK_PX = 10;

export interface TouchDragListener {
  /** The finger has rested on an element of the strip. */
  begun(element: Element): void;
  /** @param x where the finger is, in pixels of the window */
  moved(x: number): void;
  dropped(): void;
  /** The browser or the user has cancelled the drag. */
  cancelled(): void;
}

/**
 * Drag and drop by touch: browsers support it only for the mouse, or after a long press of their
 * own.
 */
export class TouchDrag {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private startedAt = { x: 0, y: 0 };
  private isDragging = false;

  /**
   * @param strip contains what is dragged
   * @param selector of the elements that are dragged
   */
  constructor(
    strip: HTMLElement,
    private readonly selector: string,
    private readonly listener: TouchDragListener,
  ) {
    strip.addEventListener('touchstart', event => this.start(event), { passive: true });
    // Not passive: while an element is dragged, the strip must not scroll.
    strip.addEventListener('touchmove', event => this.move(event), { passive: false });
    strip.addEventListener('touchend', event => this.end(event));
    strip.addEventListener('touchcancel', () => this.cancel());
    // A long press opens the browser's context menu.
    strip.addEventListener('contextmenu', event => {
      if (this.isDragging) event.preventDefault();
    });
  }

  private start({ touches, target }: TouchEvent): void {
    this.cancel();
    const [touch] = touches;
    const element = (target as Element).closest(this.selector);
    if (!touch || touches.length > 1 || !element) return;
    this.startedAt = { x: touch.clientX, y: touch.clientY };
    this.timer = setTimeout(() => {
      this.isDragging = true;
      this.listener.begun(element);
    }, HOLD_MS);
  }

  private move(event: TouchEvent): void {
    const { clientX: x, clientY: y } = event.touches[0]!;
    if (this.isDragging) {
      event.preventDefault();
      this.listener.moved(x);
    } else if (Math.hypot(x - this.startedAt.x, y - this.startedAt.y) > SLACK_PX) this.cancel();
  }

  private end(event: TouchEvent): void {
    if (!this.isDragging) return this.cancel();
    // No click follows.
    event.preventDefault();
    this.isDragging = false;
    this.listener.dropped();
  }

  private cancel(): void {
    clearTimeout(this.timer);
    if (this.isDragging) this.listener.cancelled();
    this.isDragging = false;
  }
}
