import { Injectable, signal } from '@angular/core';

const SHOWN_MS = 8_000;

/** Short messages shown by the window. */
@Injectable({ providedIn: 'root' })
export class AlertService {
  readonly shown = signal('');
  private timer: ReturnType<typeof setTimeout> | undefined;

  warning(text: string): void {
    clearTimeout(this.timer);
    this.shown.set(text);
    this.timer = setTimeout(() => this.shown.set(''), SHOWN_MS);
  }
}
