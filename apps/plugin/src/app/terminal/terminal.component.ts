import {
  ChangeDetectionStrategy,
  Component,
  effect,
  input,
  output,
  viewChild,
  type ElementRef,
  type OnDestroy,
} from '@angular/core';
import { SessionBody } from '../session/session-body';
import { gettext } from '../ui/words';
import type { TerminalScreen } from './terminal-screen';
import { XtermScreen } from './xterm-screen';

/** The terminal of a session. */
@Component({
  selector: 'ra-terminal',
  changeDetection: ChangeDetectionStrategy.OnPush,
  providers: [{ provide: SessionBody, useExisting: TerminalComponent }],
  template: '<div #place class="place"></div>',
  styles: `
    :host {
      display: block;
      height: 100%;
      padding: 8px;
    }

    .place {
      height: 100%;
      overflow: hidden;
    }
  `,
})
export class TerminalComponent extends SessionBody implements OnDestroy {
  readonly dark = input.required<boolean>();
  readonly typed = output<Uint8Array<ArrayBuffer>>();
  readonly resized = output<{ cols: number; rows: number }>();
  /** The user wants the keyboard out of the terminal. */
  readonly left = output();

  private readonly place = viewChild.required<ElementRef<HTMLElement>>('place');
  private screen: TerminalScreen | undefined;
  private destroyed = false;

  constructor() {
    super();
    effect(() => this.screen?.paint(this.dark()));
  }

  ngOnDestroy(): void {
    this.destroyed = true;
    this.screen?.dispose();
  }

  get size(): { cols: number; rows: number } {
    return this.screen?.size ?? { cols: 80, rows: 24 };
  }

  async load(): Promise<void> {
    const screen = await XtermScreen.open(this.place().nativeElement, gettext('Terminal input'), {
      typed: bytes => this.typed.emit(bytes),
      resized: (cols, rows) => this.resized.emit({ cols, rows }),
      left: () => this.left.emit(),
    });
    if (this.destroyed) return screen.dispose();
    screen.paint(this.dark());
    this.screen = screen;
  }

  begin(): void {
    this.focus();
  }

  draw(bytes: Uint8Array<ArrayBuffer>, drawn: () => void): void {
    this.screen?.write(bytes, drawn);
  }

  end(): void {
    // What was read stays to be read.
  }

  startAnew(): void {
    this.screen?.startAnew();
  }

  focus(): void {
    this.screen?.focus();
  }
}
