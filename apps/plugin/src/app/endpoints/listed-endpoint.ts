import type { Endpoint, SecretField } from '@remote-access/contracts';

/** An endpoint as the service lists it, with what keeps it from being used. */
export interface ListedEndpoint extends Endpoint {
  /** What is wrong with an entry that was written past the service. */
  damaged?: readonly string[];
  /** Stored secrets that do not open for the endpoint as it stands. */
  unreadable?: readonly SecretField[];
}
