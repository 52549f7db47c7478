import {
  ChangeDetectionStrategy,
  Component,
  computed,
  ElementRef,
  inject,
  signal,
  type OnInit,
} from '@angular/core';
import { takeUntilDestroyed } from '@angular/core/rxjs-interop';
import { ReactiveFormsModule } from '@angular/forms';
import { PROTOCOLS, type Protocol } from '@remote-access/contracts';
import { take } from 'rxjs';
import {
  BsModalRef,
  BsModalService,
  C8yTranslatePipe,
  IconDirective,
  ModalComponent,
} from '../../host/sdk';
import { FieldComponent } from '../../ui/field.component';
import { Refusal } from '../../ui/refusal';
import { TranslateMessagePipe } from '../../ui/translate-message.pipe';
import { gettext } from '../../ui/message';
import { ClientCommandsComponent } from '../client-commands.component';
import type { EndpointClient, EndpointEntry, EndpointVersion } from '../endpoint-client';
import { damageMessage } from '../entry-damage';
import { PROTOCOL_ICONS, PROTOCOL_LABELS } from '../endpoint-labels';
import { AddressFieldsComponent } from './address-fields.component';
import { AfterRenderFocus } from '../../ui/after-render-focus';
import { DraftControlDirective, DraftForm } from './draft-form';
import { HostKeyFieldComponent } from './host-key-field.component';
import { ProtocolFieldsComponent, ProtocolOptionsComponent } from './protocol-fields.component';
import { serverProblems } from './server-problems';
import { SignInFieldsComponent } from './sign-in-fields.component';
import { type Difference, differences, isSameVersion } from './two-versions';

const FIRST_PROBLEM = '[aria-invalid="true"]';
const NOT_FOUND = 404;

/** The dialog that adds, edits or duplicates an endpoint. */
@Component({
  selector: 'ra-endpoint-form',
  imports: [
    AddressFieldsComponent,
    C8yTranslatePipe,
    ClientCommandsComponent,
    DraftControlDirective,
    FieldComponent,
    HostKeyFieldComponent,
    IconDirective,
    ModalComponent,
    ProtocolFieldsComponent,
    ProtocolOptionsComponent,
    ReactiveFormsModule,
    TranslateMessagePipe,
    SignInFieldsComponent,
  ],
  providers: [AfterRenderFocus, C8yTranslatePipe, DraftForm],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { '(document:keydown.escape)': 'escape($event)' },
  templateUrl: './endpoint-form.component.html',
  styleUrl: '../../ui/readable-buttons.css',
  styles: `
    .leave {
      display: flex;
      flex-wrap: wrap;
      gap: 8px 16px;
      align-items: center;
      justify-content: space-between;
    }

    .versions th {
      text-align: start;
    }

    .versions :is(th, td) {
      padding-inline-end: 16px;
      overflow-wrap: anywhere;
    }

    .answers {
      display: flex;
      gap: 8px;
      margin-left: auto;
    }
  `,
})
export class EndpointFormComponent implements OnInit {
  protected readonly modal = inject(BsModalRef);
  protected readonly draft = inject(DraftForm);
  private readonly focus = inject(AfterRenderFocus);
  private readonly element = inject<ElementRef<HTMLElement>>(ElementRef);

  // Set through `initialState`.
  client!: EndpointClient;
  deviceId!: string;
  /** The endpoint to edit. */
  stored?: EndpointEntry;
  /** The endpoint to duplicate. */
  duplicateOf?: EndpointEntry;
  /** The other endpoints of the gateway. */
  others: readonly EndpointEntry[] = [];
  protocols: readonly Protocol[] = PROTOCOLS;
  saved!: () => void;
  /** The endpoint has been removed in the meantime. */
  notFound!: () => void;

  protected readonly busy = signal(false);
  protected readonly asksToLeave = signal(false);
  protected readonly refusal = signal<Pick<Refusal, 'message' | 'advice'> | undefined>(undefined);
  /** The version that another user has stored since the form was opened. */
  protected readonly theirs = signal<EndpointVersion | undefined>(undefined);
  protected readonly differences = signal<readonly Difference[]>([]);
  protected readonly icons = PROTOCOL_ICONS;
  /** The version being edited; `undefined` until it is known. */
  private etag: string | undefined;

  constructor() {
    // Not earlier: the dialog itself takes the focus when it appears.
    inject(BsModalService)
      .onShown.pipe(take(1), takeUntilDestroyed())
      .subscribe(() => this.element.nativeElement.querySelector<HTMLElement>('#ra-name')?.focus());
  }

  ngOnInit(): void {
    const { stored, duplicateOf } = this;
    const usual = (Object.keys(PROTOCOL_LABELS) as Protocol[]).find(one =>
      this.protocols.includes(one),
    );
    this.draft.start({ stored, duplicateOf }, stored || duplicateOf ? undefined : usual);
    if (stored) void this.learnVersion(stored);
  }

  protected readonly damageMessage = damageMessage;

  protected get damaged(): readonly string[] {
    return this.stored?.damaged ?? [];
  }

  /**
   * Duplicates are allowed, but programs that choose an endpoint by its name find only one of them.
   */
  protected readonly nameHint = computed(() => {
    const name = this.draft.value().name.trim();
    return name !== '' && this.others.some(other => other.name === name)
      ? gettext(
          'Another endpoint of this gateway has this name. Command line programs choose endpoints by their names.',
        )
      : '';
  });

  /** The names of the original's secrets, which the service never returns. */
  protected get notDuplicated(): string | undefined {
    const { password, privateKey } = this.duplicateOf?.credentials ?? {};
    if (privateKey) return gettext('The private key is not duplicated. Enter a key again.');
    return password ? gettext('The password is not duplicated. Enter it again.') : undefined;
  }

  protected title(): string {
    if (this.stored) return gettext('Edit endpoint');
    return this.duplicateOf ? gettext('Duplicate endpoint') : gettext('Add endpoint');
  }

  protected async save(): Promise<void> {
    if (this.busy()) return;
    if (!this.draft.showProblems()) {
      this.focus.on(FIRST_PROBLEM);
      return;
    }
    this.busy.set(true);
    const answer = await this.client.save(this.draft.body(), this.stored?.id, this.etag);
    this.busy.set(false);
    if (answer instanceof Refusal) {
      if (answer.code === 'endpoint-modified') await this.showBoth();
      else this.showRefusal(answer);
    } else {
      this.modal.hide();
      this.saved();
    }
  }

  protected leave(): void {
    if (!this.draft.changed()) this.modal.hide();
    else {
      this.asksToLeave.set(true);
      this.focus.on('#ra-stay');
    }
  }

  protected stay(): void {
    this.asksToLeave.set(false);
    this.focus.on('#ra-name');
  }

  protected escape(event: Event): void {
    event.preventDefault();
    if (this.asksToLeave()) this.stay();
    else this.leave();
  }

  /** The user has seen the other version, and overwrites it. */
  protected keepMine(): void {
    this.etag = this.theirs()?.etag;
    this.theirs.set(undefined);
    void this.save();
  }

  protected takeTheirs(): void {
    const theirs = this.theirs();
    if (!theirs) return;
    this.etag = theirs.etag;
    this.stored = theirs.endpoint;
    this.theirs.set(undefined);
    this.draft.start({ stored: theirs.endpoint, duplicateOf: undefined }, undefined);
    this.focus.on('#ra-name');
  }

  private async learnVersion(stored: EndpointEntry): Promise<void> {
    const version = await this.client.version(stored.id);
    if (version instanceof Refusal) return;
    if (isSameVersion(stored, version.endpoint)) this.etag = version.etag;
    else this.showVersion(version);
  }

  private async showBoth(): Promise<void> {
    const version = await this.client.version(this.stored!.id);
    if (version instanceof Refusal) this.showRefusal(version);
    else this.showVersion(version);
  }

  private showVersion(version: EndpointVersion): void {
    this.differences.set(differences(this.draft.body(), version.endpoint));
    this.theirs.set(version);
    this.focus.on('#ra-keep-mine');
  }

  private showRefusal(refusal: Refusal): void {
    const { fields, rest } = serverProblems(refusal);
    this.refusal.set(rest ? { message: rest, advice: refusal.advice } : undefined);
    this.draft.showServerProblems(fields);
    this.focus.on(FIRST_PROBLEM);
    if (refusal.status === NOT_FOUND) this.notFound();
  }
}
