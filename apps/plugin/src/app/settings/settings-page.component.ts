import { ChangeDetectionStrategy, Component, inject, signal } from '@angular/core';
import { FormControl, FormGroup, ReactiveFormsModule } from '@angular/forms';
import { OPTION_KEYS } from '@remote-access/contracts/platform';
import { AlertService, C8yTranslatePipe, LoadingComponent, TitleComponent } from '../host/kit';
import { PlatformCalls } from '../host/platform-calls';
import { Refusal } from '../ui/refusal';
import { RefusalNoticeComponent } from '../ui/refusal-notice.component';
import { SayPipe } from '../ui/say.pipe';
import { gettext } from '../ui/words';
import { OptionStore } from './option-store';

/** Administration: Settings → Remote access. */
@Component({
  selector: 'ra-settings-page',
  imports: [
    C8yTranslatePipe,
    LoadingComponent,
    ReactiveFormsModule,
    RefusalNoticeComponent,
    SayPipe,
    TitleComponent,
  ],
  providers: [C8yTranslatePipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './settings-page.component.html',
})
export class SettingsPageComponent {
  private readonly options = new OptionStore(inject(PlatformCalls));
  private readonly alerts = inject(AlertService);

  protected readonly form = new FormGroup({
    autosave: new FormControl(false, { nonNullable: true }),
  });
  protected readonly loaded = signal<true | Refusal | undefined>(undefined);
  protected readonly busy = signal(false);
  protected readonly refusal = signal<Refusal | undefined>(undefined);

  constructor() {
    void this.load();
  }

  protected notLoaded(): Refusal | undefined {
    const loaded = this.loaded();
    return loaded instanceof Refusal ? loaded : undefined;
  }

  protected async load(): Promise<void> {
    const value = await this.options.read(OPTION_KEYS.hostKeyAutosave);
    if (value instanceof Refusal) {
      this.loaded.set(value);
      return;
    }
    this.form.reset({ autosave: value === 'true' });
    this.loaded.set(true);
  }

  protected async save(): Promise<void> {
    this.busy.set(true);
    const refusal = await this.options.write(
      OPTION_KEYS.hostKeyAutosave,
      String(this.form.getRawValue().autosave),
    );
    this.busy.set(false);
    this.refusal.set(refusal);
    if (refusal) return;
    this.form.markAsPristine();
    this.alerts.success(gettext('Remote access settings saved.'));
  }
}
