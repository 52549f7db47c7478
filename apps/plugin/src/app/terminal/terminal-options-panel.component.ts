import { ChangeDetectionStrategy, Component, input, output, inject } from '@angular/core';
import { KEY_CHOICES, type KeyOptions } from '../endpoints/key-choices';
import { C8yTranslatePipe } from '../host/sdk';
import { gettext } from '../ui/message';
import {
  boundedFontSize,
  FONT_SIZES,
  THEME_CHOICES,
  type Flag,
  type TerminalPreferences,
  type ThemeChoice,
} from './terminal-preferences';
import { DomIds } from '../ui/dom-ids';

const THEME_WORDS: Readonly<Record<ThemeChoice, string>> = {
  product: gettext('Same as the application'),
  light: gettext('Light'),
  dark: gettext('Dark'),
  contrast: gettext('High contrast'),
};

const FLAG_WORDS: readonly { name: Flag; label: string }[] = [
  { name: 'copyOnSelect', label: gettext('Copy selected text automatically') },
  { name: 'ctrlVPastes', label: gettext('Also paste with Ctrl+V') },
  { name: 'warnBeforePaste', label: gettext('Ask before pasting multiple lines') },
  { name: 'altIsMeta', label: gettext('Use Alt as the Meta key') },
  { name: 'screenReader', label: gettext('Support screen readers (slower)') },
  { name: 'keyBar', label: gettext('Show key bar') },
];

/** Preferences for terminals. */
@Component({
  selector: 'ra-terminal-options-panel',
  imports: [C8yTranslatePipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <div class="group">
      <label class="legend" [for]="ids.of('terminal-theme')">{{ 'Colours' | translate }}</label>
      <div class="c8y-select-wrapper">
        <select
          [id]="ids.of('terminal-theme')"
          class="form-control input-sm"
          (change)="changed.emit({ theme: themeIn($event) })"
        >
          @for (theme of themes; track theme.value) {
            <option [value]="theme.value" [selected]="preferences().theme === theme.value">
              {{ theme.label | translate }}
            </option>
          }
        </select>
      </div>
      <label class="legend" [for]="ids.of('terminal-font-size')">{{
        'Font size' | translate
      }}</label>
      <input
        [id]="ids.of('terminal-font-size')"
        class="form-control input-sm size"
        type="number"
        [min]="sizes.min"
        [max]="sizes.max"
        [value]="preferences().fontSizePx"
        (change)="changed.emit({ fontSizePx: sizeIn($event) })"
      />
    </div>
    <div class="group">
      @for (flag of flags; track flag.name) {
        <label class="c8y-checkbox">
          <input
            type="checkbox"
            [checked]="preferences()[flag.name]"
            (change)="toggle(flag.name)"
          />
          <span></span>
          <span>{{ flag.label | translate }}</span>
        </label>
      }
    </div>
    <fieldset class="group">
      <legend class="legend">{{ 'Only in this session' | translate }}</legend>
      @for (key of keyChoices; track key.field) {
        <label class="key" [for]="ids.of('terminal-' + key.field)">
          <span>{{ key.label | translate }}</span>
          <select
            class="form-control input-sm"
            [id]="ids.of('terminal-' + key.field)"
            (change)="chooseKey(key.field, $event)"
          >
            @for (choice of key.choices; track choice[0]) {
              <option
                [value]="choice[0]"
                [selected]="choice[0] === (keys()[key.field] ?? key.choices[0]![0])"
              >
                {{ choice[1] | translate }}
              </option>
            }
          </select>
        </label>
      }
      @if (localEcho() !== undefined) {
        <label class="c8y-checkbox">
          <input type="checkbox" [checked]="localEcho()" (change)="localEchoToggled.emit()" />
          <span></span>
          <span>{{
            'Local echo: show what you type even if the server does not echo it' | translate
          }}</span>
        </label>
      }
    </fieldset>
    <dl class="group keys small">
      <dt>{{ 'Ctrl+Shift+C' | translate }}, {{ 'Ctrl+Shift+V' | translate }}</dt>
      <dd>{{ 'copy, paste' | translate }}</dd>
      <dt>{{ 'Ctrl+Shift+F' | translate }}</dt>
      <dd>{{ 'find' | translate }}</dd>
      <dt>{{ 'Ctrl++, Ctrl+-, Ctrl+0' | translate }}</dt>
      <dd>{{ 'font size' | translate }}</dd>
      <dt>{{ 'Ctrl+Shift+F6' | translate }}</dt>
      <dd>{{ 'leave the terminal' | translate }}</dd>
    </dl>
  `,
  styles: `
    :host {
      display: flex;
      flex-wrap: wrap;
      gap: 8px 40px;
      max-height: 45vh;
      overflow: auto;
      padding: 12px 16px;
      border-bottom: 1px solid var(--c8y-root-component-border-color, #d3d8dc);
      background: var(--c8y-root-component-background-default, #fff);
    }

    .group {
      display: flex;
      flex-direction: column;
      gap: 4px;
      min-width: 0;
      margin: 0;
    }

    .legend {
      margin: 0;
      font-size: 12px;
      font-weight: 600;
    }

    .size {
      width: 6em;
    }

    .key {
      display: flex;
      gap: 8px;
      align-items: center;
      justify-content: space-between;
      margin: 0;
      font-weight: 400;
    }

    .key select {
      width: 14em;
    }

    .keys {
      display: grid;
      grid-template-columns: max-content auto;
      align-content: start;
      gap: 4px 16px;
    }

    .keys dt {
      font-weight: 600;
    }

    .keys dd {
      margin: 0;
    }
  `,
})
export class TerminalOptionsPanelComponent {
  protected readonly ids = inject(DomIds);
  /** What keys send. Not stored: endpoints have options for it. */
  readonly keys = input.required<KeyOptions>();
  readonly keyChosen = output<KeyOptions>();
  /** Absent if the endpoint's own option is on. */
  readonly localEcho = input<boolean>();
  readonly localEchoToggled = output();
  readonly preferences = input.required<TerminalPreferences>();
  readonly changed = output<Partial<TerminalPreferences>>();

  protected readonly themes = THEME_CHOICES.map(value => ({ value, label: THEME_WORDS[value] }));
  protected readonly flags = FLAG_WORDS;
  protected readonly keyChoices = KEY_CHOICES;
  protected readonly sizes = FONT_SIZES;

  protected themeIn(event: Event): ThemeChoice {
    return (event.target as HTMLSelectElement).value as ThemeChoice;
  }

  protected sizeIn(event: Event): number {
    return boundedFontSize((event.target as HTMLInputElement).valueAsNumber);
  }

  protected chooseKey(field: keyof KeyOptions, event: Event): void {
    const { value } = event.target as HTMLSelectElement;
    this.keyChosen.emit({ [field]: value });
  }

  protected toggle(name: Flag): void {
    this.changed.emit({ [name]: !this.preferences()[name] });
  }
}
