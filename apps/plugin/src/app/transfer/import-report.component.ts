import { ChangeDetectionStrategy, Component, computed, input, signal } from '@angular/core';
import type { ImportReport } from '@remote-access/contracts';
import { C8yTranslatePipe } from '../host/kit';
import { SayPipe } from '../ui/say.pipe';
import { OUTCOME_LOOK, reportCounts } from './report-words';

/** What became of each line of a file, or would become of it. */
@Component({
  selector: 'ra-import-report',
  imports: [C8yTranslatePipe, SayPipe],
  providers: [C8yTranslatePipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <p class="counts m-b-8" role="status">
      @for (count of counts(); track count.words.text) {
        <span [class]="count.tag">{{ count.words | say }}</span>
      } @empty {
        {{ 'The file has no endpoints.' | translate }}
      }
    </p>
    @if (mixed()) {
      <label class="c8y-checkbox m-b-8">
        <input
          type="checkbox"
          [checked]="refusedOnly()"
          (change)="refusedOnly.set(!refusedOnly())"
        />
        <span></span>
        <span>{{ 'Show refused lines only' | translate }}</span>
      </label>
    }
    @if (lines().length) {
      <div
        class="lines"
        tabindex="0"
        role="region"
        [attr.aria-label]="'Report, line by line' | translate"
      >
        <table class="table table-condensed m-b-0">
          <thead>
            <tr>
              <th scope="col">{{ 'Line' | translate }}</th>
              <th scope="col">{{ 'Gateway' | translate }}</th>
              <th scope="col">{{ 'Endpoint' | translate }}</th>
              <th scope="col">{{ 'Result' | translate }}</th>
            </tr>
          </thead>
          <tbody>
            @for (line of lines(); track line.line) {
              <tr>
                <td>{{ line.line }}</td>
                <td>{{ line.deviceId }}</td>
                <td class="name">{{ line.name }}</td>
                <td>
                  <span [class]="look[line.outcome].tag">
                    {{
                      (report().dryRun ? look[line.outcome].trial : look[line.outcome].done)
                        | translate
                    }}
                  </span>
                  @if (line.message) {
                    <span class="d-block m-t-4 reason">{{ line.message | translate }}</span>
                  }
                </td>
              </tr>
            }
          </tbody>
        </table>
      </div>
    }
  `,
  styles: `
    .counts {
      display: flex;
      flex-wrap: wrap;
      gap: 8px;
    }
    .lines {
      max-height: 40vh;
      overflow: auto;
    }
    .name,
    .reason {
      overflow-wrap: anywhere;
    }
  `,
})
export class ImportReportComponent {
  readonly report = input.required<ImportReport>();

  protected readonly look = OUTCOME_LOOK;
  protected readonly counts = computed(() => reportCounts(this.report()));
  protected readonly refusedOnly = signal(false);
  /** Only then there is something to choose. */
  protected readonly mixed = computed(() => {
    const { counts, lines } = this.report();
    return counts.refused > 0 && counts.refused < lines.length;
  });
  protected readonly lines = computed(() => {
    const { lines } = this.report();
    const filtered = this.mixed() && this.refusedOnly();
    return filtered ? lines.filter(({ outcome }) => outcome === 'refused') : lines;
  });
}
