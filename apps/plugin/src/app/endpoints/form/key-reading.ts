import { computed, type Signal } from '@angular/core';
import { toObservable, toSignal } from '@angular/core/rxjs-interop';
import type { KeyInspection, KeyInspectionBody } from '@remote-access/contracts';
import { map, of, switchMap, timer } from 'rxjs';
import { Refusal } from '../../ui/refusal';
import type { KeyDesk } from '../keys/key-desk';

/** What the service said of a key, and of which one. */
export interface KeyReading {
  readonly body: KeyInspectionBody;
  readonly answer: KeyInspection | Refusal;
  /** Whether the field holds another text by now, which is about to be read. */
  readonly stale: boolean;
}

/** Pasting is one change; who types a passphrase should not have each letter tried. */
const SETTLED_MS = 300;

/** Reads a key whenever it has changed; `undefined` while there is none. */
export function keyReading(
  desk: KeyDesk,
  body: Signal<KeyInspectionBody | undefined>,
): Signal<KeyReading | undefined> {
  const readings = toObservable(body).pipe(
    switchMap(given =>
      given
        ? timer(SETTLED_MS).pipe(
            switchMap(() => desk.inspect(given)),
            map(answer => ({ body: given, answer })),
          )
        : of(undefined),
    ),
  );
  const latest = toSignal(readings);
  return computed(() => {
    const reading = latest();
    return reading && { ...reading, stale: reading.body !== body() };
  });
}

/** @returns what was read, `undefined` where that was refused */
export function read(reading: KeyReading | undefined): KeyInspection | undefined {
  const answer = reading?.answer;
  return answer instanceof Refusal ? undefined : answer;
}

/** @returns the reading of what stands in the field now */
export function fresh(reading: KeyReading | undefined): KeyReading | undefined {
  return reading?.stale === false ? reading : undefined;
}

/** @returns why a key was refused, for reasons that lie in the key */
export function refused(reading: KeyReading | undefined): Refusal | undefined {
  const answer = reading?.answer;
  const UNPROCESSABLE = 422;
  return answer instanceof Refusal && answer.status === UNPROCESSABLE ? answer : undefined;
}
