import {
  ChangeDetectionStrategy,
  Component,
  computed,
  input,
  output,
  viewChild,
  type ElementRef,
} from '@angular/core';
import { RouterLink } from '@angular/router';
import type { Endpoint } from '@remote-access/contracts';
import { C8yTranslatePipe, IconDirective } from '../host/kit';
import type { Latency } from './latency-meter';
import { isUnderWay, type SessionState } from './session-state';

/** The line above a session: where it is, what is known of the way, what can be done with it. */
@Component({
  selector: 'ra-session-bar',
  imports: [C8yTranslatePipe, IconDirective, RouterLink],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './session-bar.component.html',
  styleUrl: './session-bar.component.css',
})
export class SessionBarComponent {
  readonly deviceId = input.required<string>();
  readonly endpoint = input<Endpoint>();
  readonly state = input.required<SessionState>();
  /** The line that screen readers hear when it changes. */
  readonly status = input.required<string>();
  /** What the far end calls itself, as plain text. */
  readonly title = input('');
  readonly latency = input.required<Latency>();
  readonly detailsShown = input.required<boolean>();
  readonly fullScreen = input.required<boolean>();
  /** Whether this window has nothing but the session. */
  readonly ownWindow = input.required<boolean>();
  readonly detailsToggled = output();
  readonly fullScreenToggled = output();
  readonly poppedOut = output();
  readonly disconnected = output();

  private readonly leave = viewChild<ElementRef<HTMLElement>>('leave');

  protected readonly underWay = computed(() => isUnderWay(this.state()));
  protected readonly hostKey = computed(() => {
    const state = this.state();
    return state.phase === 'idle' ? undefined : state.hostKey;
  });

  /** Takes the keyboard, for who left the terminal. */
  focus(): void {
    this.leave()?.nativeElement.focus();
  }

  protected round(ms: number | undefined): number {
    return Math.max(1, Math.round(ms ?? 0));
  }
}
