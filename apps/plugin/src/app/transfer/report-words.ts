import { IMPORT_OUTCOMES, type ImportOutcome, type ImportReport } from '@remote-access/contracts';
import { gettext, type Words } from '../ui/words';

interface OutcomeLook {
  /** In a trial run, and once it has happened. */
  readonly trial: string;
  readonly done: string;
  /** How many of them, likewise. */
  readonly trialCount: string;
  readonly doneCount: string;
  readonly tag: string;
}

/** What an outcome is called, and its colour. */
export const OUTCOME_LOOK: Readonly<Record<ImportOutcome, OutcomeLook>> = {
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
    trial: gettext('stays as it is'),
    done: gettext('stayed as it was'),
    trialCount: gettext('{{ count }} would stay as they are'),
    doneCount: gettext('{{ count }} stayed as they were'),
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

/** The counts that are not zero, in words. */
export function reportCounts({ counts, dryRun }: ImportReport): { words: Words; tag: string }[] {
  return IMPORT_OUTCOMES.filter(outcome => counts[outcome] > 0).map(outcome => {
    const { trialCount, doneCount, tag } = OUTCOME_LOOK[outcome];
    const text = dryRun ? trialCount : doneCount;
    return { words: { text, values: { count: String(counts[outcome]) } }, tag };
  });
}

/** Whether an import would change anything. */
export function changesAnything({ counts }: ImportReport): boolean {
  return counts.added + counts.changed > 0;
}
