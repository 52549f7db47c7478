import { ChangeDetectionStrategy, Component, input, output, inject } from '@angular/core';
import { C8yTranslatePipe } from '../host/sdk';
import { gettext } from '../ui/message';
import type { DesktopPreferences, Scaling } from './desktop-preferences';
import { DomIds } from '../ui/dom-ids';

const SCALING_LABELS: readonly { value: Scaling; label: string }[] = [
  { value: 'fit', label: gettext('Fit to window') },
  { value: 'remote', label: gettext('Change the remote resolution') },
  { value: 'actual', label: gettext('Actual size') },
];

/** In the order of {@link QUALITY_LEVELS}. */
const QUALITY_LABELS: readonly string[] = [
  gettext('Lowest data usage'),
  gettext('Low data usage'),
  gettext('Balanced'),
  gettext('Good quality'),
  gettext('Best quality'),
];

/** Settings of the picture: size, quality, view only. */
@Component({
  selector: 'ra-desktop-view-panel',
  imports: [C8yTranslatePipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <fieldset class="group">
      <legend class="legend">{{ 'Size' | translate }}</legend>
      @for (scaling of scalings; track scaling.value) {
        <label class="c8y-radio">
          <input
            type="radio"
            [name]="ids.of('scaling')"
            [value]="scaling.value"
            [checked]="preferences().scaling === scaling.value"
            [disabled]="endpointViewOnly() && scaling.value === 'remote'"
            [attr.aria-describedby]="
              scaling.value === 'remote' ? ids.of('remote-resolution') : null
            "
            (change)="changed.emit({ scaling: scaling.value })"
          />
          <span></span>
          <span>{{ scaling.label | translate }}</span>
        </label>
        @if (scaling.value === 'remote') {
          <p class="m-0 small text-muted explanation" [id]="ids.of('remote-resolution')">
            {{
              'The remote screen takes the size of this window for everybody who uses it. The original resolution is restored when you choose another size or the session ends.'
                | translate
            }}
          </p>
        }
      }
      @if (preferences().scaling === 'actual') {
        <label class="c8y-checkbox">
          <input
            type="checkbox"
            [checked]="panning()"
            (change)="panningChanged.emit(isChecked($event))"
          />
          <span></span>
          <span>{{ 'Drag to pan' | translate }}</span>
        </label>
      }
    </fieldset>
    <div class="group">
      <label class="legend" [for]="ids.of('desktop-quality')">{{ 'Quality' | translate }}</label>
      <div class="c8y-select-wrapper">
        <select
          [id]="ids.of('desktop-quality')"
          class="form-control"
          (change)="changed.emit({ quality: levelIn($event) })"
        >
          <option value="auto" [selected]="preferences().quality === 'auto'">
            {{ 'Automatic' | translate }}
          </option>
          @for (label of qualities; track label; let level = $index) {
            <option [value]="level" [selected]="preferences().quality === level">
              {{ label | translate }}
            </option>
          }
        </select>
      </div>
    </div>
    <div class="group">
      @if (endpointViewOnly()) {
        <p>
          {{
            'This endpoint is view-only: keyboard, pointer and clipboard input is not passed on, and the remote resolution cannot be changed.'
              | translate
          }}
        </p>
      } @else {
        <label class="c8y-checkbox">
          <input
            type="checkbox"
            [checked]="viewOnly()"
            (change)="viewOnlyChanged.emit(isChecked($event))"
          />
          <span></span>
          <span>{{ 'View only: no keyboard or pointer input is sent' | translate }}</span>
        </label>
      }
      <label class="c8y-checkbox">
        <input
          type="checkbox"
          [checked]="preferences().dotCursor"
          (change)="changed.emit({ dotCursor: isChecked($event) })"
        />
        <span></span>
        <span>{{ 'Show a dot when the remote pointer is hidden' | translate }}</span>
      </label>
    </div>
  `,
  styleUrl: './desktop-panel.css',
  styles: `
    .explanation {
      max-width: 36em;
      padding-left: 26px;
    }
  `,
})
export class DesktopViewPanelComponent {
  protected readonly ids = inject(DomIds);
  readonly preferences = input.required<DesktopPreferences>();
  readonly viewOnly = input.required<boolean>();
  /** Whether the endpoint is view-only, which the user cannot override here. */
  readonly endpointViewOnly = input.required<boolean>();
  readonly panning = input.required<boolean>();
  readonly changed = output<Partial<DesktopPreferences>>();
  readonly viewOnlyChanged = output<boolean>();
  readonly panningChanged = output<boolean>();

  protected readonly scalings = SCALING_LABELS;
  protected readonly qualities = QUALITY_LABELS;

  protected isChecked(event: Event): boolean {
    return (event.target as HTMLInputElement).checked;
  }

  protected levelIn(event: Event): number | 'auto' {
    const { value } = event.target as HTMLSelectElement;
    return value === 'auto' ? value : Number(value);
  }
}
