import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import {
  type CredentialsType,
  type DeviceId,
  type EndpointId,
  isRefusal,
  type Protocol,
  type Refusal,
  RemoteAccessError,
  type SecretField,
  type TenantId,
} from '@remote-access/contracts';
import type { Secret } from '@remote-access/settings';
import { KeyRing } from './key-ring';
import { CIPHER_MARK, keyIdOf, seal, unseal } from './sealed-text';

/** Where a secret belongs. */
export interface SecretOwner {
  readonly tenant: TenantId;
  readonly deviceId: DeviceId;
  readonly endpoint: {
    readonly id: EndpointId;
    readonly hostname: string;
    readonly port: number;
    readonly protocol: Protocol;
    readonly credentials: { readonly type: CredentialsType };
  };
}

/** Opens secrets of the tenant that it was made for. */
export type SecretOpener = (
  owner: SecretOwner,
  field: SecretField,
  stored: string,
) => Secret | Refusal;

/** Seals secrets before they are stored and opens them for the session that needs them. */
@Injectable()
export class CredentialVault {
  constructor(private readonly keys: KeyRing) {}

  /** @returns the text to store, or `no-key-material` */
  async seal(owner: SecretOwner, field: SecretField, secret: Secret): Promise<string | Refusal> {
    const key = await this.keys.sealingKeyOf(owner.tenant);
    if (!key) return new RemoteAccessError('no-key-material');
    return seal(key, placeOf(owner, field), secret);
  }

  /**
   * Opens a stored text for the endpoint as it stands now. One that was sealed for another host,
   * port, protocol or sign-in method does not open: the managed object was changed past us.
   * @returns the secret, or `credentials-unusable`
   */
  async open(owner: SecretOwner, field: SecretField, stored: string): Promise<Secret | Refusal> {
    return (await this.openerOf(owner.tenant))(owner, field, stored);
  }

  /** {@link open} for many secrets of one tenant: its keys are looked for once. */
  async openerOf(tenant: TenantId): Promise<SecretOpener> {
    const keys = await this.keys.keysOf(tenant);
    return (owner, field, stored) =>
      unseal(keys, placeOf(owner, field), stored) ?? new RemoteAccessError('credentials-unusable');
  }

  /**
   * For a change of keys: the same secret under the key in force.
   * @returns the text that was given where it is sealed with that key already;
   * `credentials-unusable`, `no-key-material`
   */
  async sealAnew(
    owner: SecretOwner,
    field: SecretField,
    stored: string,
  ): Promise<string | Refusal> {
    const key = await this.keys.sealingKeyOf(owner.tenant);
    if (!key) return new RemoteAccessError('no-key-material');
    const secret = await this.open(owner, field, stored);
    if (isRefusal(secret)) return secret;
    return keyIdOf(stored) === key.id ? stored : seal(key, placeOf(owner, field), secret);
  }

  /** Whether a stored text is sealed at all. */
  isSealed(stored: string): boolean {
    return stored.startsWith(CIPHER_MARK);
  }

  /**
   * What a reader sees in place of a sealed text: as long as the text stays, the same one. A hash
   * of cipher text, which tells nothing of the secret.
   */
  standIn(stored: string): string {
    const hash = createHash('sha256').update('remoteaccess stand-in').update(stored);
    return `${CIPHER_MARK}${hash.digest('base64url').slice(0, 22)}`;
  }
}

/**
 * A password goes to the far end, so it is bound to that end too. A private key never leaves: who
 * changes the host gets a signature that serves nowhere else.
 */
function placeOf({ tenant, deviceId, endpoint }: SecretOwner, field: SecretField): string[] {
  const place = ['remoteaccess', tenant, deviceId, endpoint.id, field];
  if (field === 'privateKey') return place;
  const { protocol, hostname, port, credentials } = endpoint;
  return [...place, protocol, hostname, String(port), credentials.type];
}
