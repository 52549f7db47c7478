import type { Secret } from '../settings/secret';

/** What sealing keys are derived from. */
export interface KeyMaterial {
  readonly password: Secret;
  readonly salt: Secret;
}
