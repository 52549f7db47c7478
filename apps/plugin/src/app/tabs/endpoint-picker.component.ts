import {
  afterNextRender,
  ChangeDetectionStrategy,
  Component,
  computed,
  ElementRef,
  inject,
  Injectable,
  signal,
  type OnDestroy,
} from '@angular/core';
import { EndpointClient } from '../endpoints/endpoint-client';
import { PROTOCOL_ICONS, PROTOCOL_LABELS } from '../endpoints/endpoint-labels';
import { type KnownEndpoint, KnownEndpoints, matching } from '../favourites/known-endpoints';
import { currentUserName } from '../host/page-context';
import { PlatformCalls } from '../host/platform-calls';
import {
  BsModalRef,
  BsModalService,
  C8yTranslatePipe,
  IconDirective,
  ModalComponent,
} from '../host/sdk';
import { Refusal } from '../ui/refusal';
import { gettext } from '../ui/message';
import { TranslateMessagePipe } from '../ui/translate-message.pipe';
import { gatewayChoices, otherChoices } from './endpoint-choices';

interface Gateway {
  readonly deviceId: string;
  readonly deviceName: string;
}

/** Lets the user choose an endpoint in a modal dialog. Provided by the page that asks. */
@Injectable()
export class EndpointPicker implements OnDestroy {
  private readonly modals = inject(BsModalService);
  private readonly platform = inject(PlatformCalls);
  private readonly known = new KnownEndpoints(localStorage, currentUserName());
  private dialog: BsModalRef<EndpointPickerComponent> | undefined;

  /** @returns `undefined` if dismissed, or if the dialog is already open */
  async pick(gateway: Gateway): Promise<KnownEndpoint | undefined> {
    if (this.dialog) return undefined;
    const picked = await this.show(gateway);
    this.dialog = undefined;
    if (picked) this.known.used(picked);
    return picked;
  }

  ngOnDestroy(): void {
    this.dialog?.hide();
  }

  private show(gateway: Gateway): Promise<KnownEndpoint | undefined> {
    return new Promise(resolve => {
      const { platform, known } = this;
      this.dialog = this.modals.show(EndpointPickerComponent, {
        initialState: { platform, known, gateway, picked: resolve },
        ariaLabelledBy: 'modal-title',
        // A dialog ignores Escape while it fades in.
        animated: false,
      });
      this.dialog.onHidden?.subscribe(() => resolve(undefined));
    });
  }
}

/**
 * The endpoints of a gateway, and those of other gateways that are favourites or were used
 * recently.
 */
@Component({
  selector: 'ra-endpoint-picker',
  imports: [C8yTranslatePipe, IconDirective, ModalComponent, TranslateMessagePipe],
  providers: [C8yTranslatePipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <c8y-modal
      [title]="'Connect in a new tab' | translate"
      headerClasses="dialog-header"
      [customFooter]="true"
    >
      <ng-container c8y-modal-title>
        <span c8yIcon="plus" aria-hidden="true"></span>
      </ng-container>
      <form class="p-16" (submit)="$event.preventDefault(); pickFirst()">
        <label class="d-block m-b-16" for="ra-picker-search">
          {{ 'Search endpoints' | translate }}
          <input
            #text
            id="ra-picker-search"
            type="search"
            class="form-control"
            autocomplete="off"
            [value]="search()"
            (input)="search.set(text.value)"
          />
        </label>
        <div class="lists">
          @if (refusal(); as refusal) {
            <p role="alert">{{ refusal.message | translateMessage }}</p>
          }
          @for (list of lists(); track list.title) {
            <h3 class="h5 m-t-8 m-b-4" [id]="'ra-picker-' + $index">
              {{ list.title | translate }}
            </h3>
            <ul class="list-unstyled m-b-8" [attr.aria-labelledby]="'ra-picker-' + $index">
              @for (one of list.endpoints; track one.deviceId + '/' + one.endpointId) {
                <li>
                  <button type="button" class="btn btn-clean endpoint" (click)="pick(one)">
                    <i [c8yIcon]="icons[one.protocol] ?? 'terminal'" aria-hidden="true"></i>
                    <span>
                      {{ one.endpointName }}
                      <span class="where">
                        · {{ one.deviceName }} ·
                        {{ labels[one.protocol] ?? one.protocol | translate }}
                      </span>
                    </span>
                  </button>
                </li>
              }
            </ul>
          } @empty {
            <p class="m-0" role="status">
              {{ (isLoaded() ? 'No endpoint matches the search.' : 'Loading…') | translate }}
            </p>
          }
        </div>
      </form>
      <div c8y-modal-footer-custom class="modal-footer">
        <button type="button" class="btn btn-default" (click)="modal.hide()">
          {{ 'Cancel' | translate }}
        </button>
      </div>
    </c8y-modal>
  `,
  styleUrl: '../ui/readable-buttons.css',
  styles: `
    .lists {
      max-height: 50vh;
      min-height: 160px;
      overflow: auto;
    }

    .endpoint {
      display: flex;
      gap: 8px;
      align-items: baseline;
      width: 100%;
      height: auto;
      padding: 6px 8px;
      color: inherit;
      text-align: start;
      white-space: normal;
      overflow-wrap: anywhere;
    }

    .where {
      font-weight: 400;
    }
  `,
})
export class EndpointPickerComponent {
  protected readonly modal = inject(BsModalRef);
  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef);

  // Set through `initialState`.
  platform!: PlatformCalls;
  known!: KnownEndpoints;
  gateway!: Gateway;
  picked!: (endpoint: KnownEndpoint) => void;

  protected readonly search = signal('');
  protected readonly isLoaded = signal(false);
  protected readonly refusal = signal<Refusal | undefined>(undefined);
  private readonly here = signal<readonly KnownEndpoint[]>([]);
  private readonly others = signal<readonly KnownEndpoint[]>([]);
  protected readonly icons: Readonly<Record<string, string>> = PROTOCOL_ICONS;
  protected readonly labels: Readonly<Record<string, string>> = PROTOCOL_LABELS;
  protected readonly lists = computed(() =>
    [
      { title: gettext('This gateway'), endpoints: matching(this.here(), this.search()) },
      {
        title: gettext('Favourites and recently used'),
        endpoints: matching(this.others(), this.search()),
      },
    ].filter(({ endpoints }) => endpoints.length > 0),
  );

  constructor() {
    afterNextRender(() => {
      this.host.nativeElement.querySelector<HTMLElement>('input')?.focus();
      void this.load();
    });
  }

  protected pick(endpoint: KnownEndpoint): void {
    this.picked(endpoint);
    this.modal.hide();
  }

  /** Called for Enter in the search field. */
  protected pickFirst(): void {
    const first = this.lists()[0]?.endpoints[0];
    if (first) this.pick(first);
  }

  private async load(): Promise<void> {
    const { deviceId } = this.gateway;
    const { favourites, recent } = this.known;
    this.others.set(otherChoices(favourites, recent, deviceId));
    const content = await new EndpointClient(this.platform, deviceId).list();
    if (content instanceof Refusal) this.refusal.set(content);
    else this.here.set(gatewayChoices(content, this.gateway));
    this.isLoaded.set(true);
  }
}
