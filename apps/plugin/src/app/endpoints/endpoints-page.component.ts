import {
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  inject,
  signal,
  untracked,
} from '@angular/core';
import type { Endpoint } from '@remote-access/contracts';
import { currentCaller } from '../host/current-caller';
import { currentDevice } from '../host/current-device';
import {
  ActionBarItemComponent,
  AlertService,
  BsModalService,
  C8yTranslatePipe,
  EmptyStateComponent,
  IconDirective,
  LoadingComponent,
  TitleComponent,
} from '../host/kit';
import { PlatformCalls } from '../host/platform-calls';
import { Refusal } from '../ui/refusal';
import { RefusalNoticeComponent } from '../ui/refusal-notice.component';
import { SayPipe } from '../ui/say.pipe';
import { gettext } from '../ui/words';
import { AccessVerdict } from './access-verdict';
import { EndpointDirectory } from './endpoint-directory';
import { EndpointFormComponent } from './endpoint-form.component';
import { EndpointListComponent } from './endpoint-list.component';
import { allowedProtocols } from './gateway';
import { RemoveDialogComponent } from './remove-dialog.component';

/** The tab Remote access of a gateway. */
@Component({
  selector: 'ra-endpoints-page',
  imports: [
    ActionBarItemComponent,
    C8yTranslatePipe,
    EmptyStateComponent,
    EndpointListComponent,
    IconDirective,
    LoadingComponent,
    RefusalNoticeComponent,
    SayPipe,
    TitleComponent,
  ],
  providers: [C8yTranslatePipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './endpoints-page.component.html',
})
export class EndpointsPageComponent {
  private readonly platform = inject(PlatformCalls);
  private readonly modals = inject(BsModalService);
  private readonly alerts = inject(AlertService);
  private readonly caller = currentCaller();

  protected readonly device = currentDevice();
  private readonly deviceId = computed(() => this.device().id);
  protected readonly access = computed(() => new AccessVerdict(this.caller, this.deviceId()));
  private readonly directory = computed(
    () => new EndpointDirectory(this.platform, this.deviceId()),
  );
  protected readonly content = signal<Endpoint[] | Refusal | undefined>(undefined);
  protected readonly refusal = computed(() => {
    const content = this.content();
    return content instanceof Refusal ? content : undefined;
  });
  protected readonly endpoints = computed(() => {
    const content = this.content();
    return content instanceof Refusal ? undefined : content;
  });

  constructor() {
    effect(() => {
      this.deviceId();
      untracked(() => {
        this.content.set(undefined);
        void this.load();
      });
    });
  }

  protected async load(): Promise<void> {
    if (!this.access().seesEndpoints) return;
    const directory = this.directory();
    const content = await directory.list();
    // Another device's page may be shown by now.
    if (directory === this.directory()) this.content.set(content);
  }

  protected edit(endpoint?: Endpoint): void {
    this.modals.show(EndpointFormComponent, {
      initialState: {
        directory: this.directory(),
        stored: endpoint,
        protocols: allowedProtocols(this.device()),
        saved: () => {
          this.alerts.success(endpoint ? gettext('Endpoint saved.') : gettext('Endpoint added.'));
          void this.load();
        },
      },
      ariaLabelledBy: 'modal-title',
      ignoreBackdropClick: true,
    });
  }

  protected remove(endpoint: Endpoint): void {
    this.modals.show(RemoveDialogComponent, {
      initialState: {
        directory: this.directory(),
        endpoint,
        removed: () => {
          this.alerts.success(gettext('Endpoint removed.'));
          void this.load();
        },
      },
      ariaLabelledBy: 'modal-title',
      class: 'modal-sm',
    });
  }
}
