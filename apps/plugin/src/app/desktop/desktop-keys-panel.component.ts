import { ChangeDetectionStrategy, Component, output, signal, inject } from '@angular/core';
import { C8yTranslatePipe } from '../host/sdk';
import { COMBINATIONS, parseCombination, type Key } from './rfb-keys';
import { DomIds } from '../ui/dom-ids';

const FUNCTION_KEYS = Array.from({ length: 12 }, (_, at) => `F${at + 1}`);

/** Sends key combinations that the browser or the operating system would capture. */
@Component({
  selector: 'ra-desktop-keys-panel',
  imports: [C8yTranslatePipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <div class="group" role="group" [attr.aria-label]="'Special keys' | translate">
      <div class="row">
        @for (name of combinations; track name) {
          <button type="button" class="btn btn-default btn-sm" (click)="send(name)">
            {{ name | translate }}
          </button>
        }
      </div>
      <div class="row">
        @for (name of functionKeys; track name) {
          <button type="button" class="btn btn-default btn-sm" (click)="send(name)">
            {{ name }}
          </button>
        }
      </div>
    </div>
    <form class="group group--wide" (submit)="$event.preventDefault(); send(other.value)">
      <label class="legend" [for]="ids.of('desktop-combination')">{{
        'Other keys' | translate
      }}</label>
      <div class="row">
        <input
          #other
          [id]="ids.of('desktop-combination')"
          class="form-control"
          autocomplete="off"
          spellcheck="false"
          [placeholder]="'Ctrl+Alt+F2' | translate"
          [attr.aria-describedby]="ids.of('desktop-combination-note')"
          [attr.aria-invalid]="unknown()"
          (input)="unknown.set(false)"
        />
        <button type="submit" class="btn btn-default">{{ 'Send' | translate }}</button>
      </div>
      <small
        [id]="ids.of('desktop-combination-note')"
        role="status"
        [class.text-danger]="unknown()"
        [class.text-muted]="!unknown()"
      >
        {{
          (unknown()
            ? 'Unknown key. Join key names with +, for example Ctrl+Shift+F4.'
            : 'Join key names with +: Ctrl, Alt, AltGr, Shift, Win, Esc, Tab, F1 to F12, letters…'
          ) | translate
        }}
      </small>
    </form>
  `,
  styleUrl: './desktop-panel.css',
})
export class DesktopKeysPanelComponent {
  protected readonly ids = inject(DomIds);
  readonly pressed = output<readonly Key[]>();

  protected readonly combinations = COMBINATIONS;
  protected readonly functionKeys = FUNCTION_KEYS;
  protected readonly unknown = signal(false);

  protected send(text: string): void {
    const keys = parseCombination(text);
    this.unknown.set(!keys);
    if (keys) this.pressed.emit(keys);
  }
}
