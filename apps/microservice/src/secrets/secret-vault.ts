import { createHash } from 'node:crypto';
import { Global, Injectable, Module } from '@nestjs/common';
import {
  CIPHER_MARK,
  type CredentialsType,
  type DeviceId,
  type EndpointId,
  type Protocol,
  type Refusal,
  RemoteAccessError,
  type SecretField,
  type TenantId,
} from '@remote-access/contracts';
import type { Secret } from '@remote-access/settings';
import { KeyMaterialMaker } from './key-material';
import { KeyRing } from './key-ring';
import { seal, type SealedForm, sealedWith, unseal } from './sealed-text';

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
  /**
   * Additional context of its password (`bindingOf`); `null` for an entry of an older version,
   * whose secrets have the form v1. That form is not accepted in an authenticated entry.
   */
  readonly binding: string | null;
}

/** Unseals the secrets of one tenant. */
export type SecretOpener = (
  owner: SecretOwner,
  field: SecretField,
  stored: string,
) => Secret | Refusal;

/** Seals secrets before they are stored, and unseals them for the session that uses them. */
@Injectable()
export class SecretVault {
  constructor(private readonly keys: KeyRing) {}

  /** @returns the text to store, or `no-key-material` */
  async seal(
    owner: SecretOwner & { readonly binding: string },
    field: SecretField,
    secret: Secret,
  ): Promise<string | Refusal> {
    const key = await this.keys.sealingKeyOf(owner.tenant);
    if (!key) return new RemoteAccessError('no-key-material');
    return seal(key, contextOf(owner, field), secret);
  }

  /**
   * Unseals a stored text for the endpoint in its current state. A password that was sealed for
   * another state cannot be unsealed: the managed object was edited.
   * @returns the secret, or `credentials-unusable`
   */
  async open(owner: SecretOwner, field: SecretField, stored: string): Promise<Secret | Refusal> {
    return (await this.openerOf(owner.tenant))(owner, field, stored);
  }

  /** {@link open} for many secrets of a tenant, with a single lookup of its keys. */
  async openerOf(tenant: TenantId): Promise<SecretOpener> {
    const keys = await this.keys.keysOf(tenant);
    return (owner, field, stored) => {
      const isRightForm = sealedWith(stored)?.form === formOf(owner);
      const secret = isRightForm ? unseal(keys, contextOf(owner, field), stored) : undefined;
      return secret ?? new RemoteAccessError('credentials-unusable');
    };
  }

  /**
   * The API's placeholder for a sealed text, stable as long as the text is. It is a hash of the
   * ciphertext and reveals nothing about the secret.
   */
  placeholder(stored: string): string {
    const hash = createHash('sha256').update('remoteaccess stand-in').update(stored);
    return `${CIPHER_MARK}${hash.digest('base64url').slice(0, 22)}`;
  }
}

/** Whether a text that can be unsealed for one owner can also be unsealed for the other. */
export function isSameContext(one: SecretOwner, other: SecretOwner, field: SecretField): boolean {
  return JSON.stringify(contextOf(one, field)) === JSON.stringify(contextOf(other, field));
}

/**
 * A password is sent to the target, so it is bound to the whole entry. A private key is never sent:
 * with another host it only produces a signature that is useless anywhere else.
 */
function contextOf(owner: SecretOwner, field: SecretField): string[] {
  const { tenant, deviceId, endpoint, binding } = owner;
  const place = [tenant, deviceId, endpoint.id, field];
  const context = binding === null ? ['remoteaccess', ...place] : ['remoteaccess v2', ...place];
  if (field === 'privateKey') return context;
  const { protocol, hostname, port, credentials } = endpoint;
  const target = [...context, protocol, hostname, String(port), credentials.type];
  return binding === null ? target : [...target, binding];
}

function formOf({ binding }: SecretOwner): SealedForm {
  return binding === null ? 'v1' : 'v2';
}

@Global()
@Module({ providers: [SecretVault, KeyRing, KeyMaterialMaker], exports: [SecretVault, KeyRing] })
export class SecretsModule {}
