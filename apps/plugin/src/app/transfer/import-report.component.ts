import { ChangeDetectionStrategy, Component, computed, input, signal } from '@angular/core';
import {
  IMPORT_OUTCOMES,
  type ImportLine,
  type ImportOutcome,
  type ImportReport,
} from '@remote-access/contracts';
import { sentencesOf } from '../endpoints/form/server-problems';
import { sentenceMessage } from '../endpoints/form/endpoint-sentences';
import { C8yTranslatePipe } from '../host/sdk';
import { TranslateMessagePipe } from '../ui/translate-message.pipe';
import { gettext, type Message } from '../ui/message';

interface OutcomeTexts {
  /** Shown in the preview (`trial`) and after the import (`done`). */
  readonly trial: string;
  readonly done: string;
  /** The same for the number of lines. */
  readonly trialCount: string;
  readonly doneCount: string;
  readonly tag: string;
}

/** Text and color of each outcome. */
export const OUTCOMES: Readonly<Record<ImportOutcome, OutcomeTexts>> = {
  added: {
    trial: gettext('would be added'),
    done: gettext('added'),
    trialCount: gettext('{{ count }} would be added'),
    doneCount: gettext('{{ count }} added'),
    tag: 'tag tag--success',
  },
  changed: {
    trial: gettext('would be changed'),
    done: gettext('changed'),
    trialCount: gettext('{{ count }} would be changed'),
    doneCount: gettext('{{ count }} changed'),
    tag: 'tag tag--info',
  },
  unchanged: {
    trial: gettext('would stay unchanged'),
    done: gettext('unchanged'),
    trialCount: gettext('{{ count }} would stay unchanged'),
    doneCount: gettext('{{ count }} unchanged'),
    tag: 'tag tag--default',
  },
  refused: {
    trial: gettext('refused'),
    done: gettext('refused'),
    trialCount: gettext('{{ count }} refused'),
    doneCount: gettext('{{ count }} refused'),
    tag: 'tag tag--danger',
  },
};

/** One message for each outcome that occurs. */
export function reportCounts({
  counts,
  dryRun,
}: ImportReport): { message: Message; tag: string }[] {
  return IMPORT_OUTCOMES.filter(outcome => counts[outcome] > 0).map(outcome => {
    const { trialCount, doneCount, tag } = OUTCOMES[outcome];
    const text = dryRun ? trialCount : doneCount;
    return { message: { text, values: { count: String(counts[outcome]) } }, tag };
  });
}

/** Whether an import would change anything. */
export function changesAnything({ counts }: ImportReport): boolean {
  return counts.added + counts.changed > 0;
}

/** Why a line was refused. */
export function reasonsOf({ message }: ImportLine): Message[] {
  return message === undefined ? [] : sentencesOf(message).map(sentenceMessage);
}

/** The outcome of each line of a file, as a preview or after the import. */
@Component({
  selector: 'ra-import-report',
  imports: [C8yTranslatePipe, TranslateMessagePipe],
  providers: [C8yTranslatePipe],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <p class="counts m-b-8" role="status">
      @for (count of counts(); track count.message.text) {
        <span [class]="count.tag">{{ count.message | translateMessage }}</span>
      } @empty {
        {{ 'The file contains no endpoints.' | translate }}
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
      <div class="lines" tabindex="0" role="region" [attr.aria-label]="'Import report' | translate">
        <table class="table table-condensed m-b-0">
          <thead>
            <tr>
              <th scope="col">{{ 'Line number' | translate }}</th>
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
                  <span [class]="outcomes[line.outcome].tag">
                    {{
                      (report().dryRun ? outcomes[line.outcome].trial : outcomes[line.outcome].done)
                        | translate
                    }}
                  </span>
                  @if (line.changed?.length) {
                    <span class="d-block m-t-4 reason">
                      {{ 'Fields: {{ fields }}' | translate: { fields: line.changed!.join(', ') } }}
                    </span>
                  }
                  @for (reason of reasonsOf(line); track $index) {
                    <span class="d-block m-t-4 reason">{{ reason | translateMessage }}</span>
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

  protected readonly outcomes = OUTCOMES;
  protected readonly reasonsOf = reasonsOf;
  protected readonly counts = computed(() => reportCounts(this.report()));
  protected readonly refusedOnly = signal(false);
  /** Whether some but not all lines were refused, so that a filter is useful. */
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
