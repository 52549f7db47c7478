import { ChangeDetectionStrategy, Component, inject, input, output } from '@angular/core';
import { C8yTranslatePipe } from '../host/sdk';
import { gettext } from '../ui/message';
import { KEY_BAR_KEYS, type KeyBarKey } from './key-codes';

/** Symbols for some keys, with names because screen readers read symbols poorly. */
const SYMBOLS: Partial<Record<KeyBarKey, { symbol: string; name: string }>> = {
  Left: { symbol: '←', name: gettext('Left') },
  Up: { symbol: '↑', name: gettext('Up') },
  Down: { symbol: '↓', name: gettext('Down') },
  Right: { symbol: '→', name: gettext('Right') },
  Ins: { symbol: 'Ins', name: gettext('Insert key') },
  Del: { symbol: 'Del', name: gettext('Delete key') },
};

/** A row of keys that touch keyboards lack. */
@Component({
  selector: 'ra-key-bar',
  imports: [C8yTranslatePipe],
  providers: [C8yTranslatePipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { role: 'toolbar', '[attr.aria-label]': 'label' },
  template: `
    <button
      type="button"
      class="btn btn-default btn-sm"
      [class.active]="ctrl()"
      [attr.aria-pressed]="ctrl()"
      (pointerdown)="$event.preventDefault()"
      (click)="ctrlToggled.emit()"
    >
      Ctrl
    </button>
    @for (key of keys; track key.key) {
      <button
        type="button"
        class="btn btn-default btn-sm"
        [attr.aria-label]="key.name | translate"
        (pointerdown)="$event.preventDefault()"
        (click)="pressed.emit(key.key)"
      >
        {{ key.symbol }}
      </button>
    }
  `,
  styles: `
    :host {
      display: flex;
      gap: 8px;
      overflow-x: auto;
      padding: 6px 8px;
      border-top: 1px solid var(--c8y-root-component-border-color, #d3d8dc);
      background: var(--c8y-root-component-background-default, #fff);
    }

    .btn {
      flex: none;
      margin: 0;
      min-width: 40px;
    }

    /* Large enough for fingers. */
    @media (pointer: coarse) {
      .btn {
        min-width: 44px;
        min-height: 44px;
      }
    }
  `,
})
export class KeyBarComponent {
  readonly ctrl = input.required<boolean>();
  readonly pressed = output<KeyBarKey>();
  readonly ctrlToggled = output();

  protected readonly label = inject(C8yTranslatePipe).transform(gettext('Keys')) as string;
  protected readonly keys = KEY_BAR_KEYS.map(key => ({
    key,
    ...(SYMBOLS[key] ?? { symbol: key, name: key }),
  }));
}
