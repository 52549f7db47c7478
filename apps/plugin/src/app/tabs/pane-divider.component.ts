import {
  ChangeDetectionStrategy,
  Component,
  ElementRef,
  inject,
  input,
  output,
  signal,
} from '@angular/core';
import { C8yTranslatePipe } from '../host/sdk';
import { SHARE } from './session-tabs';

/** Step per key press, in percent. */
const STEP = 5;

/** The divider between two sessions: a window splitter as defined by WAI-ARIA. */
@Component({
  selector: 'ra-pane-divider',
  imports: [C8yTranslatePipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <div
      role="separator"
      tabindex="0"
      class="divider"
      [class.divider--stacked]="stacked()"
      [class.divider--moving]="isMoving()"
      [attr.aria-label]="'Divider between the two sessions' | translate"
      [attr.aria-orientation]="stacked() ? 'horizontal' : 'vertical'"
      [attr.aria-valuenow]="share()"
      [attr.aria-valuemin]="limits.min"
      [attr.aria-valuemax]="limits.max"
      [title]="'Drag or press the arrow keys to resize' | translate"
      (keydown)="act($event)"
      (dblclick)="moved.emit(limits.initial)"
      (pointerdown)="begin($event)"
      (pointermove)="move($event)"
      (pointerup)="isMoving.set(false)"
      (pointercancel)="isMoving.set(false)"
    ></div>
  `,
  styles: `
    :host {
      display: block;
    }

    .divider {
      width: 100%;
      height: 100%;
      border: solid var(--c8y-root-component-border-color, #d3d8dc);
      border-width: 0 1px;
      background: var(--c8y-body-background-color, #f5f6f7);
      cursor: col-resize;
      touch-action: none;
    }

    .divider--stacked {
      border-width: 1px 0;
      cursor: row-resize;
    }

    .divider:hover,
    .divider--moving,
    .divider:focus-visible {
      outline: none;
      background: var(--c8y-brand-primary, #119d11);
    }
  `,
})
export class PaneDividerComponent {
  /** The first session's share of the space, in percent. */
  readonly share = input.required<number>();
  /** Whether the sessions are stacked vertically. */
  readonly stacked = input.required<boolean>();
  /** The new share, not limited yet. */
  readonly moved = output<number>();

  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef);
  protected readonly limits = SHARE;
  protected readonly isMoving = signal(false);

  protected act(event: KeyboardEvent): void {
    const share = this.shareAfter(event.key);
    if (share === undefined) return;
    event.preventDefault();
    this.moved.emit(share);
  }

  protected begin(event: PointerEvent): void {
    // Otherwise the viewers next to it would receive the events.
    (event.target as HTMLElement).setPointerCapture(event.pointerId);
    this.isMoving.set(true);
  }

  protected move({ clientX, clientY }: PointerEvent): void {
    if (!this.isMoving()) return;
    const { left, top, width, height } =
      this.host.nativeElement.parentElement!.getBoundingClientRect();
    const part = this.stacked() ? (clientY - top) / height : (clientX - left) / width;
    this.moved.emit(part * 100);
  }

  private shareAfter(key: string): number | undefined {
    switch (key) {
      case 'ArrowLeft':
      case 'ArrowUp':
        return this.share() - STEP;
      case 'ArrowRight':
      case 'ArrowDown':
        return this.share() + STEP;
      case 'Home':
        return SHARE.min;
      case 'End':
        return SHARE.max;
      case 'Enter':
        return SHARE.initial;
      default:
        return undefined;
    }
  }
}
