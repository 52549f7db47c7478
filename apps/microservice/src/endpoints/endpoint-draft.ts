import type {
  CredentialsType,
  Endpoint,
  EndpointCredentials,
  EndpointOptions,
  Protocol,
  SecretField,
} from '@remote-access/contracts';

/** A credential that is stored as it is. */
export type PlainField = Exclude<keyof EndpointCredentials, 'type' | SecretField>;

/** The fields of a sign-in that stand in a body beside its type. */
export type CredentialField = PlainField | SecretField;

/**
 * A body that was read and found whole, before secrets are sealed. Fields that the sign-in method
 * does not use are gone.
 */
export interface EndpointDraft {
  readonly name: string;
  readonly hostname: string;
  readonly port: number;
  readonly protocol: Protocol;
  readonly credentialsType: CredentialsType;
  readonly plain: Readonly<Record<PlainField, string | null>>;
  /** `undefined` where the body did not name the field, `null` where it clears it. */
  readonly secrets: Readonly<Record<SecretField, string | null | undefined>>;
  /** Opens the private key that is given with it; never stored. */
  readonly passphrase: string | null;
  /** Those of the protocol that the body names. */
  readonly options: Readonly<EndpointOptions>;
  readonly attrs: Endpoint['attrs'];
}
