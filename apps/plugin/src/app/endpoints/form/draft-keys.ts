import { computed, inject, type Signal } from '@angular/core';
import { toObservable, toSignal } from '@angular/core/rxjs-interop';
import type { KeyInspection, KeyInspectionBody } from '@remote-access/contracts';
import { map, of, switchMap, timer } from 'rxjs';
import { PlatformCalls } from '../../host/platform-calls';
import { gettext } from '../../ui/message';
import { Refusal } from '../../ui/refusal';
import type { DraftField, DraftValue, Problems } from './endpoint-draft';
import { KeyClient } from './key-client';
import { sentenceMessage } from './endpoint-sentences';

const UNPROCESSABLE = 422;

/** Avoids a request to the service for each typed letter of a passphrase. */
const DEBOUNCE_MS = 300;

const OTHER_PUBLIC_KEY = gettext('The private key does not belong to this public key.');
const OTHER_CERTIFICATE = gettext('The private key does not belong to this certificate.');

/** What the service says about the keys in a form. Create it in an injection context. */
export class DraftKeys {
  readonly client = new KeyClient(inject(PlatformCalls));

  private readonly privateKey;
  private readonly publicKey;
  private readonly certificate;
  private readonly hostKey;

  /** The public key that belongs to the private key in the form. */
  readonly derivedPublicKey = computed(() => this.privateKey().inspection?.normal.publicKey ?? '');
  /** The public key in the form, in the service's normal format. */
  readonly normalPublicKey = computed(() => this.publicKey().inspection?.normal.publicKey);
  /** The key pair, described from the private key or else from the public key. */
  readonly keyPair = computed(
    () =>
      this.privateKey().inspection?.keyPair ?? this.publicKey().inspection?.keyPair ?? undefined,
  );
  readonly certificateFacts = computed(
    () => this.certificate().inspection?.certificate ?? undefined,
  );
  readonly hostKeys = computed(() => this.hostKey().inspection?.hostKeys ?? []);
  /** Why lines of the host key are not used. */
  readonly skippedHostKeys = computed(() => this.hostKey().inspection?.skippedHostKeys ?? []);
  /** Whether line breaks of the private key were restored. */
  readonly repaired = computed(() => this.privateKey().inspection?.keyPair?.repaired === true);

  /** Whether the private key is encrypted, as far as it is known. */
  readonly encrypted = computed(() => {
    const { refusal, inspection } = this.privateKey();
    return refusal?.code === 'passphrase-needed' || inspection?.keyPair?.encrypted === true;
  });

  readonly problems = computed((): Problems => {
    const problems: Problems = {};
    const privateKey = current(this.privateKey());
    if (privateKey.refusal) {
      const { code, message } = privateKey.refusal;
      const field = code === 'passphrase-needed' ? 'passphrase' : 'privateKey';
      problems[field] = sentenceMessage(message.text);
    }
    for (const field of ['publicKey', 'certificate', 'hostKey'] as const) {
      const { refusal } = current(this[field]());
      if (refusal) problems[field] = sentenceMessage(refusal.message.text);
    }
    const own = privateKey.inspection?.keyPair?.sha256;
    const given = current(this.publicKey()).inspection?.keyPair?.sha256;
    const certified = current(this.certificate()).inspection?.certificate?.sha256;
    if (own && given && own !== given) problems.publicKey = { text: OTHER_PUBLIC_KEY };
    if (own && certified && own !== certified) problems.certificate = { text: OTHER_CERTIFICATE };
    return problems;
  });

  constructor(value: Signal<DraftValue>, shows: (field: DraftField) => boolean) {
    const inspect = (body: () => KeyInspectionBody | undefined): Signal<KeyResult> =>
      inspectWhenChanged(this.client, computed(body, { equal: sameJson }));
    this.privateKey = inspect(() => {
      const { privateKey, passphrase } = value();
      return shows('privateKey') && privateKey ? { privateKey, passphrase } : undefined;
    });
    this.publicKey = inspect(() => {
      const { publicKey } = value();
      // The service has already described the derived key.
      const isGiven = publicKey !== '' && publicKey !== this.derivedPublicKey();
      return shows('publicKey') && isGiven ? { publicKey } : undefined;
    });
    this.certificate = inspect(() => {
      const { certificate } = value();
      return shows('certificate') && certificate ? { certificate } : undefined;
    });
    this.hostKey = inspect(() => {
      const { hostKey, hostname, port } = value();
      const server = hostname && Number(port) ? { hostname, port: Number(port) } : {};
      return shows('hostKey') && hostKey ? { hostKey, ...server } : undefined;
    });
  }
}

/**
 * The last response about a field; empty if there was none, or if it was not about the key itself.
 */
interface KeyResult {
  readonly inspection?: KeyInspection;
  readonly refusal?: Refusal;
  /** Whether the field has changed since, so that another response is on its way. */
  readonly stale?: boolean;
}

const NO_RESULT: KeyResult = {};

function inspectWhenChanged(
  client: KeyClient,
  body: Signal<KeyInspectionBody | undefined>,
): Signal<KeyResult> {
  const answers = toObservable(body).pipe(
    switchMap(asked =>
      asked
        ? timer(DEBOUNCE_MS).pipe(
            switchMap(() => client.inspect(asked)),
            map(answer => ({ asked, answer })),
          )
        : of(undefined),
    ),
  );
  const latest = toSignal(answers);
  return computed((): KeyResult => {
    const result = latest();
    if (!result) return NO_RESULT;
    const { asked, answer } = result;
    const stale = asked !== body();
    if (!(answer instanceof Refusal)) return { inspection: answer, stale };
    return answer.status === UNPROCESSABLE ? { refusal: answer, stale } : NO_RESULT;
  });
}

function current(result: KeyResult): KeyResult {
  return result.stale ? NO_RESULT : result;
}

function sameJson(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
