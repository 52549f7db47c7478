import { computed, inject, type Signal } from '@angular/core';
import type { KeyInspection, KeyInspectionBody } from '@remote-access/contracts';
import { PlatformCalls } from '../../host/platform-calls';
import { gettext } from '../../ui/message';
import { KeyClient } from './key-client';
import type { DraftField, DraftValue, Problems } from './endpoint-draft';
import { plainerMessage } from './server-problems';
import { toObservable, toSignal } from '@angular/core/rxjs-interop';
import { map, of, switchMap, timer } from 'rxjs';
import { Refusal } from '../../ui/refusal';

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
  client: KeyClient,
  body: Signal<KeyInspectionBody | undefined>,
): Signal<KeyReading | undefined> {
  const readings = toObservable(body).pipe(
    switchMap(given =>
      given
        ? timer(SETTLED_MS).pipe(
            switchMap(() => client.inspect(given)),
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

/** What the keys in a form are, and whether they belong together. To be made where injection works. */
export class DraftKeys {
  readonly client = new KeyClient(inject(PlatformCalls));

  readonly privateKey;
  readonly publicKey;
  readonly certificate;
  readonly hostKey;

  /** The public half of the private key that stands in the form. */
  readonly derived = computed(() => read(this.privateKey())?.normal.publicKey ?? '');

  /** Of the pair, from whichever half there is. */
  readonly pair = computed(
    () => read(this.privateKey())?.keyPair ?? read(this.publicKey())?.keyPair ?? undefined,
  );

  /** Whether the private key is protected, as far as is known. */
  readonly encrypted = computed(
    () =>
      refused(this.privateKey())?.code === 'passphrase-needed' ||
      read(this.privateKey())?.keyPair?.encrypted === true,
  );

  readonly problems = computed((): Problems => {
    const problems: Problems = {};
    const key = fresh(this.privateKey());
    const refusal = refused(key);
    if (refusal) {
      const isLocked = refusal.code === 'passphrase-needed';
      problems[isLocked ? 'passphrase' : 'privateKey'] = plainerMessage(refusal.message.text);
    }
    for (const field of ['publicKey', 'certificate', 'hostKey'] as const) {
      const other = refused(fresh(this[field]()));
      if (other) problems[field] = plainerMessage(other.message.text);
    }
    const own = read(key)?.keyPair?.sha256;
    const given = read(fresh(this.publicKey()))?.keyPair?.sha256;
    const certified = read(fresh(this.certificate()))?.certificate?.sha256;
    if (own && given && own !== given) problems.publicKey = { text: STRANGE_PUBLIC_KEY };
    if (own && certified && own !== certified) problems.certificate = { text: STRANGE_CERTIFICATE };
    return problems;
  });

  constructor(value: Signal<DraftValue>, shows: (field: DraftField) => boolean) {
    const body = (make: () => KeyInspectionBody | undefined) => computed(make, { equal: sameJson });
    this.privateKey = keyReading(
      this.client,
      body(() => {
        const { privateKey, passphrase } = value();
        return shows('privateKey') && privateKey ? { privateKey, passphrase } : undefined;
      }),
    );
    this.publicKey = keyReading(
      this.client,
      body(() => {
        const { publicKey } = value();
        // The derived half needs no look of its own.
        const isOwn = publicKey !== '' && publicKey !== this.derived();
        return shows('publicKey') && isOwn ? { publicKey } : undefined;
      }),
    );
    this.certificate = keyReading(
      this.client,
      body(() => {
        const { certificate } = value();
        return shows('certificate') && certificate ? { certificate } : undefined;
      }),
    );
    this.hostKey = keyReading(
      this.client,
      body(() => {
        const { hostKey, hostname, port } = value();
        const server = hostname && Number(port) ? { hostname, port: Number(port) } : {};
        return shows('hostKey') && hostKey ? { hostKey, ...server } : undefined;
      }),
    );
  }
}

const STRANGE_PUBLIC_KEY = gettext('The private key does not belong to this public key.');
const STRANGE_CERTIFICATE = gettext('The private key does not belong to this certificate.');

function sameJson(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
