import {
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  inject,
  input,
  type OnDestroy,
  signal,
  untracked,
} from '@angular/core';
import { Router } from '@angular/router';
import { MAX_REASON_LENGTH, type RunningSession } from '@remote-access/contracts';
import { currentUserName } from '../host/page-context';
import { PlatformCalls } from '../host/platform-calls';
import { AlertService, C8yTranslatePipe } from '../host/sdk';
import { gettext } from '../ui/message';
import { Refusal } from '../ui/refusal';
import { TranslateMessagePipe } from '../ui/translate-message.pipe';
import {
  arranged,
  bytesText,
  SessionListClient,
  sinceOf,
  STATE_TEXTS,
  type SortKey,
} from './session-list';

/** Somebody who looks sees a change within this time. */
const REFRESH_EVERY_MS = 5_000;

/** Who is connected right now: to one gateway, or to all that the user may see. */
@Component({
  selector: 'ra-running-sessions',
  imports: [C8yTranslatePipe, TranslateMessagePipe],
  providers: [C8yTranslatePipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  styleUrl: '../ui/readable-buttons.css',
  templateUrl: './running-sessions.component.html',
})
export class RunningSessionsComponent implements OnDestroy {
  /** All gateways if absent. */
  readonly deviceId = input<string>();

  private readonly platform = inject(PlatformCalls);
  private readonly alerts = inject(AlertService);
  private readonly router = inject(Router);
  private readonly userName = currentUserName();
  private readonly client = computed(() => new SessionListClient(this.platform, this.deviceId()));
  private readonly refreshing = setInterval(() => void this.load(), REFRESH_EVERY_MS);

  protected readonly maxReasonLength = MAX_REASON_LENGTH;
  protected readonly content = signal<readonly RunningSession[] | Refusal | undefined>(undefined);
  protected readonly filter = signal('');
  protected readonly sortKey = signal<SortKey>('startedAt');
  protected readonly isDescending = signal(false);
  protected readonly asking = signal<RunningSession | undefined>(undefined);
  protected readonly busy = signal(false);
  private readonly nowMs = signal(Date.now());

  protected readonly refusal = computed(() => {
    const content = this.content();
    return content instanceof Refusal ? content : undefined;
  });
  protected readonly all = computed(() => {
    const content = this.content();
    return content instanceof Refusal ? [] : (content ?? []);
  });
  protected readonly rows = computed(() =>
    arranged(this.all(), this.filter(), this.sortKey(), this.isDescending()).map(session => ({
      session,
      state: STATE_TEXTS[session.state] ?? session.state,
      since: sinceOf(session, this.nowMs()),
      bytes: bytesText(session.bytesToClient + session.bytesFromClient),
    })),
  );
  protected readonly columns = computed((): readonly { key: SortKey; label: string }[] => [
    { key: 'user', label: gettext('User') },
    ...(this.deviceId() === undefined
      ? [{ key: 'deviceName' as const, label: gettext('Gateway') }]
      : []),
    { key: 'endpointName', label: gettext('Endpoint') },
    { key: 'startedAt', label: gettext('Connected for') },
    { key: 'bytes', label: gettext('Data') },
  ]);

  constructor() {
    effect(() => {
      this.client();
      untracked(() => {
        this.content.set(undefined);
        void this.load();
      });
    });
  }

  ngOnDestroy(): void {
    clearInterval(this.refreshing);
  }

  /** The user's own terminals go on in this window. */
  protected mayTakeOver({ user, protocol, state }: RunningSession): boolean {
    const isTerminal = protocol === 'SSH' || protocol === 'TELNET';
    return user === this.userName && isTerminal && state !== 'opening';
  }

  protected takeOver({ id, deviceId, endpointId }: RunningSession): void {
    void this.router.navigate(['/device', deviceId, 'remote-access', endpointId], {
      queryParams: { takeOver: id },
    });
  }

  protected sort(key: SortKey): void {
    this.isDescending.set(this.sortKey() === key && !this.isDescending());
    this.sortKey.set(key);
  }

  protected sorting(key: SortKey): 'ascending' | 'descending' | 'none' {
    if (this.sortKey() !== key) return 'none';
    return this.isDescending() ? 'descending' : 'ascending';
  }

  protected async terminate({ id }: RunningSession, reason: string): Promise<void> {
    this.busy.set(true);
    const refusal = await this.client().terminate(id, reason.trim());
    this.busy.set(false);
    this.asking.set(undefined);
    // A session that is already over needs no message.
    if (refusal && refusal.code !== 'session-not-found') this.alerts.danger(refusal.message.text);
    await this.load();
  }

  private async load(): Promise<void> {
    // Nobody looks at a hidden page.
    if (document.hidden) return;
    const client = this.client();
    const content = await client.list();
    if (client !== this.client()) return;
    this.nowMs.set(Date.now());
    this.content.set(content);
  }
}
