import { Injectable } from '@nestjs/common';
import { type DeviceId, isRefusal, type Refusal, type TenantId } from '@remote-access/contracts';
import type { Secret } from '@remote-access/settings';
import { CredentialVault } from '../credentials/credential-vault';
import { CIPHER_MARK } from '../credentials/sealed-text';
import { KeyInspector } from '@remote-access/ssh-keys';
import type { EndpointDraft } from './endpoint-draft';
import { invalidEndpoint, readDraft } from './read-draft';
import { chooseSecret } from './secret-choice';
import type { StoredEntry } from './stored-entry';

/** Brings the keys of a draft into the form in which sessions read them. */
@Injectable()
export class EndpointKeys {
  constructor(
    private readonly inspector: KeyInspector,
    private readonly vault: CredentialVault,
  ) {}

  /**
   * Reads a flat body, its keys in any format. The passphrase is used here and nowhere else.
   * @returns as readDraft; `invalid-endpoint` with what is wrong with a key; `passphrase-needed`
   */
  async read(body: unknown): Promise<EndpointDraft | Refusal> {
    const draft = readDraft(body);
    return isRefusal(draft) ? draft : this.normalised(draft);
  }

  /**
   * A public key or certificate that comes beside a private key that is kept has to belong to it;
   * only here is known which one that is.
   */
  async besideKept(
    draft: EndpointDraft,
    before: StoredEntry | undefined,
    tenant: TenantId,
    deviceId: DeviceId,
  ): Promise<EndpointDraft | Refusal> {
    const stored = before?.endpoint.credentials.privateKey ?? null;
    const choice = chooseSecret(this.vault, 'privateKey', draft.secrets.privateKey, stored);
    if (!before || isRefusal(choice) || choice.kind !== 'keep') return draft;
    const owner = { tenant, deviceId, endpoint: before.endpoint };
    const kept = await this.vault.open(owner, 'privateKey', choice.stored);
    // One that does not open is told when it is used; everything else can be edited meanwhile.
    return isRefusal(kept) ? draft : this.normalised(draft, kept);
  }

  private async normalised(draft: EndpointDraft, kept?: Secret): Promise<EndpointDraft | Refusal> {
    const { plain, secrets, passphrase, hostname, port } = draft;
    // A stand-in of a stored key is looked at where the stored one is known.
    const fresh = secrets.privateKey?.startsWith(CIPHER_MARK) ? undefined : secrets.privateKey;
    const keys = { ...plain, privateKey: fresh ?? kept?.reveal(), passphrase };
    const inspection = await this.inspector.inspect(keys, { hostname, port });
    if (isRefusal(inspection)) {
      const isAboutKey = inspection.code === 'invalid-key';
      return isAboutKey ? invalidEndpoint([inspection.message]) : inspection;
    }
    const { privateKey, publicKey, certificate, hostKey } = inspection.normal;
    return {
      ...draft,
      plain: { ...plain, publicKey, certificate, hostKey },
      secrets: fresh ? { ...secrets, privateKey } : secrets,
    };
  }
}
