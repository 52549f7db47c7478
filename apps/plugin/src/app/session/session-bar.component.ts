import { NgTemplateOutlet } from '@angular/common';
import {
  ChangeDetectionStrategy,
  Component,
  computed,
  input,
  output,
  signal,
  viewChild,
  type ElementRef,
  type TemplateRef,
  inject,
} from '@angular/core';
import { RouterLink } from '@angular/router';
import type { Endpoint } from '@remote-access/contracts';
import { C8yTranslatePipe, IconDirective } from '../host/sdk';
import type { Latency } from './connection/latency-meter';
import { isUnderWay, type SessionState } from './connection/session-machine';
import { addressOf } from './session-target';
import { hopWarning, hopList, hostKeyTag, unencrypted } from './session-status';
import { DomIds } from '../ui/dom-ids';

/** The bar above a session: status, names, host key, latency, the viewer's tools, and actions. */
@Component({
  selector: 'ra-session-bar',
  imports: [C8yTranslatePipe, IconDirective, NgTemplateOutlet, RouterLink],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { '(keydown.escape)': 'fold()', '(click)': 'foldAfter($event)' },
  templateUrl: './session-bar.component.html',
  styleUrl: './session-bar.component.css',
})
export class SessionBarComponent {
  protected readonly ids = inject(DomIds);
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
  /** Whether the page has no other heading. */
  readonly isTitle = input.required<boolean>();
  /** The tools of the viewer. */
  readonly tools = input<TemplateRef<unknown> | null>(null);
  readonly detailsToggled = output<UIEvent>();
  readonly fullScreenToggled = output();
  readonly popupRequested = output();
  readonly disconnected = output();

  private readonly leave = viewChild<ElementRef<HTMLElement>>('leave');
  private readonly toggle = viewChild.required<ElementRef<HTMLElement>>('toggle');

  /** Whether everything is shown in a narrow bar. */
  protected readonly unfolded = signal(false);

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
    () => this.underWay() && hopWarning(this.latency().hops) !== undefined,
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

  /** Collapses the bar after a click on a tool, because it covers what the tool acts on. */
  protected foldAfter({ target }: Event): void {
    const tool = (target as Element).closest('.foldable button');
    // A tool that is no longer shown would lose the focus, unless it has passed it on.
    if (tool?.contains(document.activeElement)) this.fold();
    else if (tool) this.unfolded.set(false);
  }

  protected fold(): void {
    if (!this.unfolded()) return;
    this.unfolded.set(false);
    this.toggle().nativeElement.focus();
  }

  protected round(ms: number | undefined): number {
    return Math.max(1, Math.round(ms ?? 0));
  }
}
