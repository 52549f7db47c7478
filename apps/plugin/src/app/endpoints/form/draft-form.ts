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

/** The form of one dialog: its controls, what is wrong with them, and what its keys are. */
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
  private readonly opening = signal(this.value());
  private readonly tried = signal(false);
  private readonly refused = signal<{ problems: Problems; value: DraftValue } | undefined>(
    undefined,
  );
  /** Tells when a control was left, which no value shows. */
  private readonly events = toSignal(this.form.events);
  /** The public key that came with the private one rather than from the user. */
  private derivedPublicKey = '';

  readonly problems = computed((): Problems => {
    const value = this.value();
    return { ...this.refusedFields(value), ...this.keyProblems(), ...this.draft().problems(value) };
  });
  readonly complete = computed(() => Object.keys(this.problems()).length === 0);
  readonly changed = computed(
    () => JSON.stringify(this.value()) !== JSON.stringify(this.opening()),
  );

  constructor() {
    effect(() => {
      const derived = this.keys.derivedPublicKey();
      untracked(() => this.fillPublicKey(derived));
    });
  }

  /** Fills the form. */
  start(origin: DraftOrigin, protocol?: Protocol): void {
    this.origin.set(origin);
    this.form.setValue(this.draft().start(protocol));
    this.opening.set(this.value());
  }

  shows(field: DraftField): boolean {
    return this.draft().shows(this.value(), field);
  }

  /** What is wrong with a field: at once for keys, else after the user was there or tried to save. */
  problem(field: DraftField): Message | undefined {
    this.events();
    const shown = this.tried() || this.form.controls[field].touched;
    return shown ? this.problems()[field] : this.early(field);
  }

  keepsStored(field: SecretField): boolean {
    return this.draft().keepsStored(this.value(), field);
  }

  /** Whether the user may go back to the stored secret. */
  canKeepStored(field: SecretField): boolean {
    return this.replaced().has(field) && this.reentryReason(field) === undefined;
  }

  reentryReason(field: SecretField): Message | undefined {
    return this.draft().reentryReason(this.value(), field);
  }

  /** Lets the user enter a secret in place of the stored one. */
  changeSecret(field: SecretField): void {
    this.replaced.update(fields => new Set([...fields, field]));
    // The public half on show belongs to the key that goes.
    if (field === 'privateKey') this.derivedPublicKey = this.form.controls.publicKey.value;
  }

  keepStored(field: SecretField): void {
    this.replaced.update(fields => new Set([...fields].filter(one => one !== field)));
    const { controls } = this.form;
    this.derivedPublicKey = '';
    controls[field].reset('');
    if (field === 'password') return;
    controls.passphrase.reset('');
    controls.publicKey.reset(this.opening().publicKey);
  }

  /** A pair that was just made. */
  setKeyPair(privateKey: string, publicKey: string): void {
    this.derivedPublicKey = publicKey;
    this.form.patchValue({ privateKey, publicKey, passphrase: '' });
  }

  /** What goes with a protocol changes with it, where the user has not chosen otherwise. */
  protocolChosen(before: Protocol): void {
    const { protocol, port } = this.value();
    const isUsual = port === '' || port === defaultPort(before);
    this.form.patchValue({
      ...(isUsual ? { port: defaultPort(protocol) } : {}),
      credentialsType: defaultCredentials(protocol),
    });
  }

  /** From now on everything that is wrong is shown. */
  showProblems(): boolean {
    this.tried.set(true);
    return this.complete();
  }

  body(): EndpointBody {
    return this.draft().body(this.value());
  }

  /** Shows what the service found wrong, each until its field is changed. */
  showServerProblems(problems: Problems): void {
    this.refused.set({ problems, value: this.value() });
  }

  private early(field: DraftField): Message | undefined {
    return field === 'passphrase' ? undefined : this.keys.problems()[field];
  }

  private keyProblems(): Problems {
    const found = Object.entries(this.keys.problems());
    return Object.fromEntries(found.filter(([field]) => this.isShown(field as DraftField)));
  }

  private isShown(field: DraftField): boolean {
    return this.shows(field === 'passphrase' ? 'privateKey' : field);
  }

  private refusedFields(value: DraftValue): Problems {
    const refused = this.refused();
    if (!refused) return {};
    const unchanged = Object.entries(refused.problems).filter(
      ([field]) => refused.value[field as DraftField] === value[field as DraftField],
    );
    return Object.fromEntries(unchanged);
  }

  private fillPublicKey(derived: string): void {
    const control = this.form.controls.publicKey;
    const isOurs = control.value === '' || control.value === this.derivedPublicKey;
    // Nothing to bring, nothing that was brought: what stands there is stored or the user's.
    if (!isOurs || (derived === '' && this.derivedPublicKey === '')) return;
    this.derivedPublicKey = derived;
    control.setValue(derived);
  }
}

/** What every control of the form has in common: its name, its note, and whether it is wrong. */
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
