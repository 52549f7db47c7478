import { gettext, type Message } from '../ui/message';

const SECOND_MS = 1_000;

/** Milliseconds of each unit, from the smallest. */
export const DURATION_UNITS = {
  seconds: SECOND_MS,
  minutes: 60 * SECOND_MS,
  hours: 3_600 * SECOND_MS,
  days: 86_400 * SECOND_MS,
} as const;
export type DurationUnit = keyof typeof DURATION_UNITS;

/** A duration as entered in a form; the amount is `null` while the field is empty. */
export interface Duration {
  readonly amount: number | null;
  readonly unit: DurationUnit;
}

/** A bound, with the message for values beyond it. */
export interface DurationBound {
  readonly ms: number;
  readonly message: string;
}

/** Uses the largest unit that divides the duration evenly. */
export function durationOf(ms: number): Duration {
  const units = Object.keys(DURATION_UNITS) as DurationUnit[];
  const unit = units.reverse().find(one => ms % DURATION_UNITS[one] === 0) ?? 'seconds';
  return { amount: ms / DURATION_UNITS[unit], unit };
}

/** `NaN` while the field is empty. */
export function millisecondsOf({ amount, unit }: Duration): number {
  return amount === null ? Number.NaN : amount * DURATION_UNITS[unit];
}

export function durationProblem(
  duration: Duration,
  least: DurationBound,
  most: DurationBound,
): Message | undefined {
  const { amount } = duration;
  if (amount === null || !Number.isInteger(amount) || amount < 1) {
    return { text: gettext('Enter a whole number, 1 or more.') };
  }
  const ms = millisecondsOf(duration);
  if (ms < least.ms) return { text: least.message };
  return ms > most.ms ? { text: most.message } : undefined;
}
