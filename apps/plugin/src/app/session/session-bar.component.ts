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
import { C8yTranslatePipe, IconDirective } from '../host/sdk';
import type { Latency } from './latency-meter';
import { isUnderWay, type SessionState } from './session-machine';
import { addressOf } from './session-names';
import { gatewayTrouble, hopList, hostKeyTag, unencrypted } from './session-status';

/** The bar above a session: status, host key, latency and actions. */
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
  /** The name of the gateway. */
  readonly gateway = input.required<string>();
  readonly state = input.required<SessionState>();
  /** See {@link statusOf}. */
  readonly status = input.required<string>();
  /** The title that the remote program has set, as plain text. */
  readonly title = input('');
  readonly latency = input.required<Latency>();
  readonly detailsShown = input.required<boolean>();
  readonly fullScreen = input.required<boolean>();
  /** Whether this is a pop-up window with nothing but the session. */
  readonly isPopup = input.required<boolean>();
  readonly detailsToggled = output();
  readonly fullScreenToggled = output();
  readonly popupRequested = output();
  readonly disconnected = output();

  private readonly leave = viewChild<ElementRef<HTMLElement>>('leave');

  protected readonly address = computed(() => {
    const endpoint = this.endpoint();
    return endpoint ? addressOf(endpoint) : '';
  });
  /** Why others can read the session, if they can. */
  protected readonly readable = computed(() =>
    unencrypted(this.endpoint()?.protocol, this.state()),
  );
  protected readonly underWay = computed(() => isUnderWay(this.state()));
  protected readonly hostKey = computed(() => {
    const state = this.state();
    const key = state.phase === 'idle' ? undefined : state.hostKey;
    return key && { ...hostKeyTag(key), sha256: key.sha256 };
  });

  protected readonly trouble = computed(
    () => this.underWay() && gatewayTrouble(this.latency().hops) !== undefined,
  );
  protected readonly hops = computed(() => hopList(this.latency()));
  protected readonly total = computed(() => this.hops().reduce((sum, { ms }) => sum + ms, 0));

  protected readonly signInUnencrypted = computed(() => {
    const state = this.state();
    return state.phase !== 'idle' && state.warning === 'unencrypted-sign-in';
  });

  /** Moves the focus here, out of the terminal or desktop. */
  focus(): void {
    this.leave()?.nativeElement.focus();
  }

  protected round(ms: number | undefined): number {
    return Math.max(1, Math.round(ms ?? 0));
  }
}
