import {
  ChangeDetectionStrategy,
  Component,
  computed,
  ElementRef,
  inject,
  signal,
} from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { FormControl, FormGroup, ReactiveFormsModule } from '@angular/forms';
import { SETTING_LIMITS, type ShownSettings, type WatchSetting } from '@remote-access/contracts';
import { AlertService, C8yTranslatePipe, LoadingComponent } from '../host/sdk';
import { PlatformCalls } from '../host/platform-calls';
import { FieldComponent } from '../ui/field.component';
import { Refusal } from '../ui/refusal';
import { RefusalNoticeComponent } from '../ui/refusal-notice.component';
import { TranslateMessagePipe } from '../ui/translate-message.pipe';
import { gettext } from '../ui/message';
import type { Duration } from './duration';
import { DurationFieldComponent, type DurationGroup } from './duration-field.component';
import {
  draftOf,
  problemsOf,
  settingsOf,
  type SettingsDraft,
  type SettingsProblems,
} from './settings-draft';
import {
  type MergedSettings,
  mergeSettings,
  sameSettings,
  SETTING_NAMES,
  SettingsClient,
} from './settings-client';

/** The form for the tenant's remote access settings. */
@Component({
  selector: 'ra-settings-form',
  imports: [
    C8yTranslatePipe,
    DurationFieldComponent,
    FieldComponent,
    LoadingComponent,
    ReactiveFormsModule,
    RefusalNoticeComponent,
    TranslateMessagePipe,
  ],
  providers: [C8yTranslatePipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './settings-form.component.html',
})
export class SettingsFormComponent {
  private readonly client = new SettingsClient(inject(PlatformCalls));
  private readonly alerts = inject(AlertService);
  private readonly element = inject<ElementRef<HTMLElement>>(ElementRef);

  protected readonly form = new FormGroup({
    enabled: new FormControl(true, { nonNullable: true }),
    hostKeyAutosave: new FormControl(false, { nonNullable: true }),
    operationTimeout: durationGroup(),
    idleTimeout: durationGroup(),
    limited: new FormControl(false, { nonNullable: true }),
    maxDuration: durationGroup(),
    resumable: new FormControl(true, { nonNullable: true }),
    resume: durationGroup(),
    watch: new FormControl<WatchSetting>('told', { nonNullable: true }),
    notice: new FormControl('', { nonNullable: true }),
    admitReaders: new FormControl(false, { nonNullable: true }),
    malformedKeys: new FormControl(false, { nonNullable: true }),
    auditRequired: new FormControl(true, { nonNullable: true }),
    tokenInAddress: new FormControl(false, { nonNullable: true }),
  });
  protected readonly mostCharacters = SETTING_LIMITS.notice;
  protected readonly names = SETTING_NAMES;

  /** The settings as last read, to compare the draft with. */
  protected readonly stored = signal<ShownSettings | Refusal | undefined>(undefined);
  protected readonly busy = signal(false);
  protected readonly refusal = signal<Refusal | undefined>(undefined);
  /** Set if another user saved changes while this form was open. */
  protected readonly merged = signal<MergedSettings | undefined>(undefined);
  /** Fields that the user has left or tried to save. The others do not show problems yet. */
  private readonly visited = signal<ReadonlySet<string>>(new Set());

  private readonly changes = toSignal(this.form.valueChanges);
  private readonly draft = computed<SettingsDraft>(() => {
    this.changes();
    return this.form.getRawValue();
  });
  protected readonly limited = computed(() => this.draft().limited);
  protected readonly resumable = computed(() => this.draft().resumable);
  protected readonly admitsReaders = computed(() => this.draft().admitReaders);
  private readonly allProblems = computed(() => problemsOf(this.draft()));
  protected readonly problems = computed((): SettingsProblems => {
    const visited = this.visited();
    const shown = Object.entries(this.allProblems()).filter(([name]) => visited.has(name));
    return Object.fromEntries(shown);
  });
  protected readonly loaded = computed(() => {
    const stored = this.stored();
    return stored instanceof Refusal ? undefined : stored;
  });
  protected readonly loadError = computed(() => {
    const stored = this.stored();
    return stored instanceof Refusal ? stored : undefined;
  });
  /** Whether there are unsaved changes. */
  readonly changed = computed(() => {
    const loaded = this.loaded();
    if (loaded === undefined) return false;
    const draft = this.draft();
    // A limit without a value counts as unlimited, but enabling it is already a change.
    const isLimited = loaded.maxDurationSeconds > 0;
    return draft.limited !== isLimited || !sameSettings(settingsOf(draft), loaded);
  });

  constructor() {
    void this.load();
  }

  protected async load(): Promise<void> {
    this.show(await this.client.read());
  }

  protected visit(name: string): void {
    this.visited.update(visited => new Set(visited).add(name));
  }

  protected discard(): void {
    const loaded = this.loaded();
    if (loaded) this.show(loaded);
  }

  protected async save(): Promise<void> {
    const loaded = this.loaded();
    if (!loaded || this.busy()) return;
    const names = Object.keys(this.allProblems());
    if (names.length > 0) {
      this.visited.set(new Set(names));
      this.element.nativeElement.querySelector<HTMLElement>(`#ra-${names[0]}`)?.focus();
      return;
    }
    this.busy.set(true);
    const { revision } = loaded;
    const answer = await this.client.write({ ...settingsOf(this.draft()), revision });
    if (answer instanceof Refusal && answer.code === 'conflict') await this.merge(loaded);
    else if (answer instanceof Refusal) this.refusal.set(answer);
    else {
      this.show(answer);
      this.alerts.success(gettext('Remote access settings saved.'));
    }
    this.busy.set(false);
  }

  private show(stored: ShownSettings | Refusal): void {
    this.stored.set(stored);
    this.refusal.set(undefined);
    this.merged.set(undefined);
    this.visited.set(new Set());
    if (!(stored instanceof Refusal)) this.form.reset(draftOf(stored));
  }

  /** Another user saved first: their changes are merged into the form. */
  private async merge(base: ShownSettings): Promise<void> {
    const theirs = await this.client.read();
    if (theirs instanceof Refusal) {
      this.refusal.set(theirs);
      return;
    }
    const merged = mergeSettings(base, settingsOf(this.draft()), theirs);
    this.stored.set(theirs);
    this.form.reset(draftOf(merged.settings));
    this.refusal.set(undefined);
    this.merged.set(merged);
  }
}

function durationGroup(): DurationGroup {
  return new FormGroup({
    amount: new FormControl<Duration['amount']>(null),
    unit: new FormControl<Duration['unit']>('seconds', { nonNullable: true }),
  });
}
