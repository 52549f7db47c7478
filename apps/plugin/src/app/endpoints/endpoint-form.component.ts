import {
  ChangeDetectionStrategy,
  Component,
  computed,
  ElementRef,
  inject,
  signal,
  type OnInit,
} from '@angular/core';
import { takeUntilDestroyed, toSignal } from '@angular/core/rxjs-interop';
import { NonNullableFormBuilder, ReactiveFormsModule } from '@angular/forms';
import {
  CREDENTIALS_OF,
  DEFAULT_PORTS,
  PROTOCOLS,
  type Endpoint,
  type Protocol,
  type SecretField,
} from '@remote-access/contracts';
import { map, take } from 'rxjs';
import {
  BsModalRef,
  BsModalService,
  C8yTranslatePipe,
  IconDirective,
  ModalComponent,
} from '../host/kit';
import { FieldComponent } from '../ui/field.component';
import { FileTextComponent } from '../ui/file-text.component';
import { Refusal } from '../ui/refusal';
import { SayPipe } from '../ui/say.pipe';
import { gettext, type Words } from '../ui/words';
import type { EndpointDirectory } from './endpoint-directory';
import { EndpointDraft, usualCredentials, type DraftField } from './endpoint-draft';
import { CREDENTIALS_LABEL, PROTOCOL_LOOK } from './protocol-look';

/** Adds or edits an endpoint, in a dialog. */
@Component({
  selector: 'ra-endpoint-form',
  imports: [
    C8yTranslatePipe,
    FieldComponent,
    FileTextComponent,
    IconDirective,
    ModalComponent,
    ReactiveFormsModule,
    SayPipe,
  ],
  providers: [C8yTranslatePipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './endpoint-form.component.html',
  styles: `
    .address {
      display: grid;
      grid-template-columns: 1fr 120px;
      gap: 0 16px;
    }
  `,
})
export class EndpointFormComponent implements OnInit {
  protected readonly modal = inject(BsModalRef);
  private readonly element = inject<ElementRef<HTMLElement>>(ElementRef);

  // Set by who opens the dialog.
  directory!: EndpointDirectory;
  stored?: Endpoint;
  protocols: readonly Protocol[] = PROTOCOLS;
  saved!: () => void;

  private draft = new EndpointDraft();
  protected readonly form = inject(NonNullableFormBuilder).group(this.draft.start());
  protected readonly value = toSignal(
    this.form.valueChanges.pipe(map(() => this.form.getRawValue())),
    { initialValue: this.form.getRawValue() },
  );
  protected readonly problems = computed(() => this.draft.problems(this.value()));
  protected readonly credentialsTypes = computed(() => CREDENTIALS_OF[this.value().protocol]);
  protected readonly tried = signal(false);
  protected readonly busy = signal(false);
  protected readonly refusal = signal<Refusal | undefined>(undefined);
  protected readonly look = PROTOCOL_LOOK;
  protected readonly credentialsLabel = CREDENTIALS_LABEL;

  constructor() {
    // Not before: the dialog takes the focus itself when it appears.
    inject(BsModalService)
      .onShown.pipe(take(1), takeUntilDestroyed())
      .subscribe(() => this.field('name')?.focus());
  }

  ngOnInit(): void {
    const { stored } = this;
    this.draft = new EndpointDraft(stored);
    this.form.setValue(this.draft.start(stored?.protocol ?? this.offered[0]));
  }

  /** Protocols to choose from: what the gateway allows, and what the endpoint already has. */
  protected get offered(): Protocol[] {
    return (Object.keys(PROTOCOL_LOOK) as Protocol[]).filter(
      protocol => this.protocols.includes(protocol) || protocol === this.stored?.protocol,
    );
  }

  protected shows(field: DraftField): boolean {
    return this.draft.shows(this.value(), field);
  }

  /** What is wrong with a field, once the user has been there or has tried to save. */
  protected problem(field: DraftField): Words | undefined {
    return this.tried() || this.form.controls[field].touched ? this.problems()[field] : undefined;
  }

  protected secretHint(field: SecretField): string {
    return this.draft.keeps(this.value(), field)
      ? gettext('Stored. Leave it empty to keep it.')
      : '';
  }

  protected protocolChosen(): void {
    const { protocol } = this.value();
    this.form.patchValue({
      port: String(DEFAULT_PORTS[protocol] ?? ''),
      credentialsType: usualCredentials(protocol),
    });
  }

  protected async save(): Promise<void> {
    this.tried.set(true);
    const value = this.value();
    if (Object.keys(this.problems()).length > 0) {
      this.focusFirstProblem();
      return;
    }
    this.busy.set(true);
    const answer = await this.directory.save(this.draft.body(value), this.stored?.id);
    this.busy.set(false);
    if (answer instanceof Refusal) {
      this.refusal.set(answer);
      return;
    }
    this.modal.hide();
    this.saved();
  }

  private focusFirstProblem(): void {
    const first = PAGE_ORDER.find(field => this.problems()[field]);
    if (first) this.field(first)?.focus();
  }

  private field(name: DraftField): HTMLElement | null {
    return this.element.nativeElement.querySelector(`#ra-${name}`);
  }
}

const PAGE_ORDER: readonly DraftField[] = [
  'name',
  'hostname',
  'port',
  'username',
  'password',
  'privateKey',
  'publicKey',
  'certificate',
  'hostKey',
];
