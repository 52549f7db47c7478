import { createHash } from 'node:crypto';
import { Global, Injectable, Module } from '@nestjs/common';
import {
  CIPHER_MARK,
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
import { keyIdOf, seal, unseal } from './sealed-text';

/** The endpoint that a secret belongs to. */
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

/** Opens the secrets of one tenant. */
export type SecretOpener = (
  owner: SecretOwner,
  field: SecretField,
  stored: string,
) => Secret | Refusal;

/** Seals secrets before they are stored, and opens them for the session that uses them. */
@Injectable()
export class SecretVault {
  constructor(private readonly keys: KeyRing) {}

  /** @returns the text to store, or `no-key-material` */
  async seal(owner: SecretOwner, field: SecretField, secret: Secret): Promise<string | Refusal> {
    const key = await this.keys.sealingKeyOf(owner.tenant);
    if (!key) return new RemoteAccessError('no-key-material');
    return seal(key, contextOf(owner, field), secret);
  }

  /**
   * Opens a stored text for the endpoint in its current state. A text that was sealed for another
   * host, port, protocol or sign-in method does not open: somebody edited the managed object.
   * @returns the secret, or `credentials-unusable`
   */
  async open(owner: SecretOwner, field: SecretField, stored: string): Promise<Secret | Refusal> {
    return (await this.openerOf(owner.tenant))(owner, field, stored);
  }

  /** {@link open} for many secrets of a tenant, with a single look-up of its keys. */
  async openerOf(tenant: TenantId): Promise<SecretOpener> {
    const keys = await this.keys.keysOf(tenant);
    return (owner, field, stored) =>
      unseal(keys, contextOf(owner, field), stored) ??
      new RemoteAccessError('credentials-unusable');
  }

  /**
   * Seals a stored secret with the current key.
   * @returns the same text if it is sealed with that key already; `credentials-unusable`,
   * `no-key-material`
   */
  async reseal(owner: SecretOwner, field: SecretField, stored: string): Promise<string | Refusal> {
    const key = await this.keys.sealingKeyOf(owner.tenant);
    if (!key) return new RemoteAccessError('no-key-material');
    const secret = await this.open(owner, field, stored);
    if (isRefusal(secret)) return secret;
    return keyIdOf(stored) === key.id ? stored : seal(key, contextOf(owner, field), secret);
  }

  /**
   * What the API returns instead of a sealed text: the same as long as the text is the same. A hash
   * of the ciphertext reveals nothing about the secret.
   */
  placeholder(stored: string): string {
    const hash = createHash('sha256').update('remoteaccess stand-in').update(stored);
    return `${CIPHER_MARK}${hash.digest('base64url').slice(0, 22)}`;
  }
}

/**
 * A password is sent to the target, so it is bound to the target as well. A private key is never
 * sent: with another host it only makes a signature that is useless anywhere else.
 */
function contextOf({ tenant, deviceId, endpoint }: SecretOwner, field: SecretField): string[] {
  const context = ['remoteaccess', tenant, deviceId, endpoint.id, field];
  if (field === 'privateKey') return context;
  const { protocol, hostname, port, credentials } = endpoint;
  return [...context, protocol, hostname, String(port), credentials.type];
}

@Global()
@Module({ providers: [SecretVault, KeyRing], exports: [SecretVault, KeyRing] })
export class SecretsModule {}
