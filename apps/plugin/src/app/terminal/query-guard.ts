import type { IDisposable, IFunctionIdentifier, Terminal } from '@xterm/xterm';
import type { AnswerBudget } from './answer-budget';

/** Device attributes, status reports, requests for modes: xterm.js answers these by typing. */
const CSI_QUERIES: readonly IFunctionIdentifier[] = [
  { final: 'c' },
  { prefix: '>', final: 'c' },
  { final: 'n' },
  { prefix: '?', final: 'n' },
  { intermediates: '$', final: 'p' },
  { prefix: '?', intermediates: '$', final: 'p' },
];

/** Colours, which it tells when asked with `?`: of the palette, foreground, background, cursor. */
const COLOUR_QUERIES = [4, 10, 11, 12];

/** Far beyond any real request; xterm.js gathers them in memory before it looks. */
const MAX_COLOUR_QUESTIONS = 8;

/**
 * Keeps what a program can make the terminal type within a budget, and has it tell nothing that a
 * program could have chosen: titles are never reported (CSI 20 t, CSI 21 t), nor windows.
 */
export function guardQueries({ parser }: Terminal, budget: AnswerBudget): IDisposable[] {
  // A handler that returns true has dealt with it; after false, xterm.js goes on.
  return [
    ...CSI_QUERIES.map(id => parser.registerCsiHandler(id, () => !budget.take())),
    parser.registerCsiHandler({ final: 't' }, () => true),
    parser.registerDcsHandler({ intermediates: '$', final: 'q' }, () => !budget.take()),
    ...COLOUR_QUERIES.map(code =>
      parser.registerOscHandler(code, data => {
        const questions = data.split('?').length - 1;
        if (questions === 0) return false;
        return questions > MAX_COLOUR_QUESTIONS || !budget.take();
      }),
    ),
  ];
}
