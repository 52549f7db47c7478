import { ChangeDetectionStrategy, Component, input, output } from '@angular/core';
import { C8yTranslatePipe } from '../host/kit';
import { gettext } from '../ui/words';
import { PAD_KEYS, type PadKey } from './key-pad';

/** What is on the keys; names for those whose signs are not read out well. */
const LOOKS: Partial<Record<PadKey, { sign: string; name: string }>> = {
  Left: { sign: '←', name: gettext('Left') },
  Up: { sign: '↑', name: gettext('Up') },
  Down: { sign: '↓', name: gettext('Down') },
  Right: { sign: '→', name: gettext('Right') },
};

/** A row of keys that keyboards on glass lack. */
@Component({
  selector: 'ra-key-bar',
  imports: [C8yTranslatePipe],
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
        {{ key.sign }}
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

    /* Fingers are wider than pointers. */
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
  readonly pressed = output<PadKey>();
  readonly ctrlToggled = output();

  protected readonly label = gettext('Keys');
  protected readonly keys = PAD_KEYS.map(key => ({
    key,
    ...(LOOKS[key] ?? { sign: key, name: key }),
  }));
}
