import {
  computed,
  Directive,
  effect,
  inject,
  Injectable,
  input,
  signal,
  untracked,
} from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { NonNullableFormBuilder } from '@angular/forms';
import {
  CREDENTIALS_OF,
  type EndpointBody,
  type Protocol,
  type SecretField,
} from '@remote-access/contracts';
import { map } from 'rxjs';
import type { Message } from '../../ui/message';
import { DraftKeys } from './draft-keys';
import {
  type DraftField,
  type DraftOrigin,
  type DraftValue,
  EndpointDraft,
  type Problems,
  startValue,
  defaultCredentials,
  defaultPort,
} from './endpoint-draft';

/** The state of the endpoint form: its controls, its problems, and what is known about its keys. */
@Injectable()
export class DraftForm {
  readonly form = inject(NonNullableFormBuilder).group(startValue('SSH'));
  readonly value = toSignal(this.form.valueChanges.pipe(map(() => this.form.getRawValue())), {
    initialValue: this.form.getRawValue(),
  });
  readonly credentialsTypes = computed(() => CREDENTIALS_OF[this.value().protocol]);
  readonly keys = new DraftKeys(this.value, field => this.shows(field));

  private readonly origin = signal<DraftOrigin>({});
  private readonly replaced = signal<ReadonlySet<SecretField>>(new Set());
  private readonly draft = computed(
    () => new EndpointDraft({ ...this.origin(), replaced: this.replaced() }),
  );
  private readonly initialValue = signal(this.value());
  private readonly showsAll = signal(false);
  private readonly serverProblems = signal<{ problems: Problems; value: DraftValue } | undefined>(
    undefined,
  );
  /** Also fires when a control loses the focus, which does not change the value. */
  private readonly events = toSignal(this.form.events);
  /** The public key as derived from the private key; empty if the user entered it. */
  private derivedPublicKey = '';

  readonly problems = computed((): Problems => {
    const value = this.value();
    return {
      ...this.currentServerProblems(value),
      ...this.keyProblems(),
      ...this.draft().problems(value),
    };
  });
  readonly complete = computed(() => Object.keys(this.problems()).length === 0);
  readonly changed = computed(
    () => JSON.stringify(this.value()) !== JSON.stringify(this.initialValue()),
  );

  constructor() {
    effect(() => {
      const derived = this.keys.derivedPublicKey();
      untracked(() => this.fillPublicKey(derived));
    });
  }

  start(origin: DraftOrigin, protocol?: Protocol): void {
    this.origin.set(origin);
    this.form.setValue(this.draft().start(protocol));
    this.initialValue.set(this.value());
  }

  shows(field: DraftField): boolean {
    return this.draft().shows(this.value(), field);
  }

  /**
   * The problem to show: for keys immediately, otherwise after the user left the field or tried to
   * save.
   */
  problem(field: DraftField): Message | undefined {
    this.events();
    const shown = this.showsAll() || this.form.controls[field].touched;
    return shown ? this.problems()[field] : this.keyProblem(field);
  }

  keepsStored(field: SecretField): boolean {
    return this.draft().keepsStored(this.value(), field);
  }

  /** Whether the user can return to the stored secret. */
  canKeepStored(field: SecretField): boolean {
    return this.replaced().has(field) && this.reentryReason(field) === undefined;
  }

  reentryReason(field: SecretField): Message | undefined {
    return this.draft().reentryReason(this.value(), field);
  }

  /** Shows the control for a new secret instead of the stored one. */
  changeSecret(field: SecretField): void {
    this.replaced.update(fields => new Set([...fields, field]));
    // The public key in the form belongs to the key being replaced, so a new one may overwrite it.
    if (field === 'privateKey') this.derivedPublicKey = this.form.controls.publicKey.value;
  }

  keepStored(field: SecretField): void {
    this.replaced.update(fields => new Set([...fields].filter(one => one !== field)));
    const { controls } = this.form;
    this.derivedPublicKey = '';
    controls[field].reset('');
    if (field === 'password') return;
    controls.passphrase.reset('');
    controls.publicKey.reset(this.initialValue().publicKey);
  }

  /** Fills in a generated key pair. */
  setKeyPair(privateKey: string, publicKey: string): void {
    this.derivedPublicKey = publicKey;
    this.form.patchValue({ privateKey, publicKey, passphrase: '' });
  }

  /** Applies the defaults of the new protocol, except to a port that the user chose. */
  protocolChosen(before: Protocol): void {
    const { protocol, port } = this.value();
    const isUsual = port === '' || port === defaultPort(before);
    this.form.patchValue({
      ...(isUsual ? { port: defaultPort(protocol) } : {}),
      credentialsType: defaultCredentials(protocol),
    });
  }

  /** Shows all problems from now on. @returns whether there are none */
  showProblems(): boolean {
    this.showsAll.set(true);
    return this.complete();
  }

  body(): EndpointBody {
    return this.draft().body(this.value());
  }

  /** Shows each problem that the service found until its field changes. */
  showServerProblems(problems: Problems): void {
    this.serverProblems.set({ problems, value: this.value() });
  }

  private keyProblem(field: DraftField): Message | undefined {
    return field === 'passphrase' ? undefined : this.keys.problems()[field];
  }

  private keyProblems(): Problems {
    const entries = Object.entries(this.keys.problems());
    return Object.fromEntries(entries.filter(([field]) => this.isShown(field as DraftField)));
  }

  private isShown(field: DraftField): boolean {
    return this.shows(field === 'passphrase' ? 'privateKey' : field);
  }

  private currentServerProblems(value: DraftValue): Problems {
    const found = this.serverProblems();
    if (!found) return {};
    const unchanged = Object.entries(found.problems).filter(
      ([field]) => found.value[field as DraftField] === value[field as DraftField],
    );
    return Object.fromEntries(unchanged);
  }

  private fillPublicKey(derived: string): void {
    const control = this.form.controls.publicKey;
    const isOurs = control.value === '' || control.value === this.derivedPublicKey;
    // There is nothing to fill in and nothing to remove.
    if (!isOurs || (derived === '' && this.derivedPublicKey === '')) return;
    this.derivedPublicKey = derived;
    control.setValue(derived);
  }
}

/** The attributes of every control of the form: id, description, and whether it is invalid. */
@Directive({
  selector: '[raDraft]',
  host: {
    class: 'form-control',
    autocomplete: 'off',
    autocapitalize: 'none',
    spellcheck: 'false',
    '[id]': "'ra-' + field()",
    '[attr.aria-describedby]': "'ra-' + field() + '-note'",
    '[attr.aria-invalid]': "draft.problem(field()) ? 'true' : null",
  },
})
export class DraftControlDirective {
  protected readonly draft = inject(DraftForm);
  readonly field = input.required<DraftField>({ alias: 'raDraft' });
}
