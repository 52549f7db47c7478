import { ChangeDetectionStrategy, Component, input, output, inject } from '@angular/core';
import { C8yTranslatePipe } from '../host/sdk';
import type { DesktopPreferences } from './desktop-preferences';
import { DomIds } from '../ui/dom-ids';

/** Shows the remote clipboard as text, for browsers that deny access to the local one. */
@Component({
  selector: 'ra-desktop-clipboard-panel',
  imports: [C8yTranslatePipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <div class="group group--wide">
      <label class="legend" [for]="ids.of('desktop-clipboard')">{{
        'Remote clipboard' | translate
      }}</label>
      <textarea
        #text
        [id]="ids.of('desktop-clipboard')"
        class="form-control"
        [value]="clipboard()"
      ></textarea>
      <div class="row">
        <button
          type="button"
          class="btn btn-default btn-sm"
          [disabled]="!preferences().clipboardOut || viewOnly()"
          (click)="offered.emit(text.value)"
        >
          {{ 'Send to remote clipboard' | translate }}
        </button>
        <button type="button" class="btn btn-default btn-sm" (click)="copied.emit(text.value)">
          {{ 'Copy to this computer' | translate }}
        </button>
      </div>
    </div>
    <div class="group">
      <label class="c8y-checkbox">
        <input
          type="checkbox"
          [checked]="preferences().clipboardIn"
          (change)="changed.emit({ clipboardIn: isChecked($event) })"
        />
        <span></span>
        <span>{{ 'Receive text copied on the remote machine' | translate }}</span>
      </label>
      <label class="c8y-checkbox">
        <input
          type="checkbox"
          [checked]="preferences().clipboardOut && !viewOnly()"
          [disabled]="viewOnly()"
          (change)="changed.emit({ clipboardOut: isChecked($event) })"
        />
        <span></span>
        <span>{{ 'Send text copied on this computer' | translate }}</span>
      </label>
    </div>
  `,
  styleUrl: './desktop-panel.css',
})
export class DesktopClipboardPanelComponent {
  protected readonly ids = inject(DomIds);
  readonly clipboard = input.required<string>();
  readonly preferences = input.required<DesktopPreferences>();
  readonly viewOnly = input.required<boolean>();
  readonly changed = output<Partial<DesktopPreferences>>();
  readonly offered = output<string>();
  readonly copied = output<string>();

  protected isChecked(event: Event): boolean {
    return (event.target as HTMLInputElement).checked;
  }
}
