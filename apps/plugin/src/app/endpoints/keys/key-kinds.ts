import type { KeyGenerationBody } from '@remote-access/contracts';
import { gettext } from '../../ui/words';

/** A kind of key that can be made, the best one first. */
export interface KeyKind {
  readonly id: string;
  readonly label: string;
  readonly body: Pick<KeyGenerationBody, 'type' | 'bits'>;
}

export const KEY_KINDS: readonly KeyKind[] = [
  { id: 'ED25519', label: gettext('ED25519 (recommended)'), body: { type: 'ED25519' } },
  ...[256, 384, 521].map(bits => ({
    id: `ECDSA-${bits}`,
    label: `ECDSA ${bits}`,
    body: { type: 'ECDSA' as const, bits },
  })),
  ...[2048, 3072, 4096].map(bits => ({
    id: `RSA-${bits}`,
    label: `RSA ${bits}`,
    body: { type: 'RSA' as const, bits },
  })),
];
