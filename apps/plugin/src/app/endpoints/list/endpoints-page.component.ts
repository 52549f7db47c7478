import {
  ChangeDetectionStrategy,
  Component,
  computed,
  DestroyRef,
  effect,
  inject,
  signal,
  untracked,
} from '@angular/core';
import { allowedProtocols } from '@remote-access/contracts';
import { currentDevice, currentPermissions } from '../../host/page-context';
import {
  ActionBarItemComponent,
  AlertService,
  BsModalService,
  type BsModalRef,
  C8yTranslatePipe,
  EmptyStateComponent,
  IconDirective,
  LoadingComponent,
  TitleComponent,
} from '../../host/sdk';
import { PlatformCalls } from '../../host/platform-calls';
import { RecentConnectionsComponent } from '../../session-lists/recent-connections.component';
import { RunningSessions } from '../../session-lists/running-sessions';
import { RunningSessionsComponent } from '../../session-lists/running-sessions.component';
import { TransferMenuComponent } from '../../transfer/transfer-menu.component';
import { Refusal } from '../../ui/refusal';
import { RefusalNoticeComponent } from '../../ui/refusal-notice.component';
import { TranslateMessagePipe } from '../../ui/translate-message.pipe';
import { gettext } from '../../ui/message';
import { EndpointPermissions } from './endpoint-permissions';
import { CommandsDialogComponent } from '../client-commands.component';
import { type ChangedEntry, isConfirmable } from '../changed-entry';
import { EndpointClient, type EndpointEntry } from '../endpoint-client';
import { EndpointListComponent } from './endpoint-list.component';
import { GatewayStateComponent } from './gateway-state.component';
import { ConfirmDialogComponent } from './confirm-dialog.component';
import { RemoveDialogComponent } from './remove-dialog.component';

/** Dialogs appear without animation, because a dialog ignores Escape while it fades in. */
const INSTANT = false;

/** The tab Remote access of a gateway: its endpoints. */
@Component({
  selector: 'ra-endpoints-page',
  imports: [
    ActionBarItemComponent,
    C8yTranslatePipe,
    EmptyStateComponent,
    EndpointListComponent,
    GatewayStateComponent,
    IconDirective,
    LoadingComponent,
    RecentConnectionsComponent,
    RefusalNoticeComponent,
    RunningSessionsComponent,
    TranslateMessagePipe,
    TitleComponent,
    TransferMenuComponent,
  ],
  providers: [C8yTranslatePipe, RunningSessions],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './endpoints-page.component.html',
  styleUrl: '../../ui/readable-buttons.css',
})
export class EndpointsPageComponent {
  private readonly platform = inject(PlatformCalls);
  /** The host creates dialogs in its own injector, which lacks the providers of the plugin. */
  private readonly dialogProviders = [{ provide: PlatformCalls, useValue: this.platform }];
  private readonly modals = inject(BsModalService);
  private readonly alerts = inject(AlertService);
  private readonly destroyed = inject(DestroyRef);
  private readonly permissions = currentPermissions();
  private readonly running = inject(RunningSessions);

  protected readonly device = currentDevice();
  private readonly deviceId = computed(() => this.device().id);
  protected readonly access = computed(() => new EndpointPermissions(this.permissions));
  private readonly client = computed(() => new EndpointClient(this.platform, this.deviceId()));
  protected readonly protocols = computed(() => allowedProtocols(this.device()));
  protected readonly content = signal<EndpointEntry[] | Refusal | undefined>(undefined);
  protected readonly refusal = computed(() => {
    const content = this.content();
    return content instanceof Refusal ? content : undefined;
  });
  protected readonly endpoints = computed(() => {
    const content = this.content();
    return content instanceof Refusal ? undefined : content;
  });

  protected readonly isSwitchedOff = signal(false);
  /** Who is connected to the gateway; empty until it is known. */
  protected readonly sessions = computed(() => {
    const content = this.running.content();
    const sessions = content === undefined || content instanceof Refusal ? [] : content;
    return { sessions, nowMs: this.running.nowMs() };
  });
  protected readonly changed = computed(() => this.endpoints()?.filter(isConfirmable) ?? []);

  /**
   * A counter that identifies the latest form that the user opened; it changes when the page is
   * left.
   */
  private opening = 0;

  constructor() {
    this.destroyed.onDestroy(() => this.opening++);
    effect(() => {
      const deviceId = this.deviceId();
      untracked(() => {
        this.content.set(undefined);
        if (this.access().maySeeEndpoints) this.running.watch(deviceId);
        void this.load();
      });
    });
  }

  protected async load(): Promise<void> {
    if (!this.access().maySeeEndpoints) return;
    const client = this.client();
    const [content, isSwitchedOff] = await Promise.all([client.list(), client.isSwitchedOff()]);
    // The page may show another device by now.
    if (client !== this.client()) return;
    this.isSwitchedOff.set(isSwitchedOff);
    this.content.set(content);
  }

  protected add(): void {
    void this.openForm({}, gettext('Endpoint added.'));
  }

  protected edit(stored: EndpointEntry): void {
    void this.openForm({ stored }, gettext('Endpoint saved.'));
  }

  protected duplicate(endpoint: EndpointEntry): void {
    void this.openForm({ duplicateOf: endpoint }, gettext('Endpoint added.'));
  }

  protected remove(endpoint: EndpointEntry): void {
    const opened = this.modals.show(RemoveDialogComponent, {
      initialState: {
        client: this.client(),
        endpoint,
        removed: () => this.done(gettext('Endpoint removed.')),
        notFound: () => void this.load(),
      },
      ariaLabelledBy: 'modal-title',
      animated: INSTANT,
      class: 'modal-sm',
    });
    this.closeWithPage(opened);
  }

  protected confirm(endpoints: readonly ChangedEntry[]): void {
    const opened = this.modals.show(ConfirmDialogComponent, {
      initialState: {
        client: this.client(),
        endpoints,
        confirmed: () => this.done(gettext('Confirmed.')),
        outdated: () => void this.load(),
      },
      providers: this.dialogProviders,
      ariaLabelledBy: 'modal-title',
      animated: INSTANT,
    });
    this.closeWithPage(opened);
  }

  protected showCommands(endpoint: EndpointEntry): void {
    const opened = this.modals.show(CommandsDialogComponent, {
      initialState: { endpoint, deviceId: this.deviceId() },
      providers: this.dialogProviders,
      ariaLabelledBy: 'modal-title',
      animated: INSTANT,
    });
    this.closeWithPage(opened);
  }

  /** Loads the form on demand: it is large, and most visits do not need it. */
  private async openForm(
    origin: { stored?: EndpointEntry; duplicateOf?: EndpointEntry },
    message: string,
  ): Promise<void> {
    const client = this.client();
    const opening = ++this.opening;
    const form = await import('../form/endpoint-form.component').catch(() => undefined);
    // The user may have clicked twice, or gone to another device.
    if (opening !== this.opening || client !== this.client()) return;
    if (!form) {
      this.alerts.warning(gettext('The form could not be loaded. Reload the page.'));
      return;
    }
    const opened = this.modals.show(form.EndpointFormComponent, {
      initialState: {
        ...origin,
        client,
        others: this.endpoints()?.filter(({ id }) => id !== origin.stored?.id) ?? [],
        deviceId: this.deviceId(),
        protocols: this.protocols(),
        saved: () => this.done(message),
        notFound: () => void this.load(),
      },
      providers: this.dialogProviders,
      ariaLabelledBy: 'modal-title',
      ignoreBackdropClick: true,
      // The form itself handles Escape and asks before changes are lost.
      keyboard: false,
    });
    this.closeWithPage(opened);
  }

  private done(message: string): void {
    this.alerts.success(message);
    void this.load();
  }

  /**
   * Closes a dialog with its page: otherwise, going back in the browser would leave it open over
   * another page.
   */
  private closeWithPage(opened: BsModalRef): void {
    const forget = this.destroyed.onDestroy(() => opened.hide());
    opened.onHidden?.subscribe(forget);
  }
}
