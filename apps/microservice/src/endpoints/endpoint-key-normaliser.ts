import { Injectable } from '@nestjs/common';
import { CIPHER_MARK, isRefusal, type Refusal } from '@remote-access/contracts';
import type { Secret } from '@remote-access/settings';
import type { CallerIdentity } from '../access/caller';
import { KeyWork } from '../keys/key-work';
import { SecretVault } from '../secrets/secret-vault';
import { type EndpointDraft, invalidEndpoint, readDraft } from './endpoint-draft';
import { resolveSecret } from './endpoint-sealer';
import type { EntryBase } from './entry-builder';

/** Converts the keys of a draft into the formats in which they are stored. */
@Injectable()
export class EndpointKeyNormaliser {
  constructor(
    private readonly work: KeyWork,
    private readonly vault: SecretVault,
  ) {}

  /**
   * Reads a flat body with keys in any format. The passphrase is used only here.
   * @returns like {@link readDraft}; `invalid-endpoint` with what is wrong with a key;
   *   `passphrase-needed`
   */
  async read(caller: CallerIdentity, body: unknown): Promise<EndpointDraft | Refusal> {
    const draft = readDraft(body);
    return isRefusal(draft) ? draft : this.normalise(caller, draft);
  }

  /**
   * Checks that a new public key or certificate belongs to the stored private key, if that is kept.
   */
  async matchStoredKey(
    caller: CallerIdentity,
    draft: EndpointDraft,
    base: EntryBase | undefined,
  ): Promise<EndpointDraft | Refusal> {
    const stored = base?.entry.endpoint.credentials.privateKey ?? null;
    const update = resolveSecret(this.vault, 'privateKey', draft.secrets.privateKey, stored);
    if (!base || isRefusal(update) || update.kind !== 'keep') return draft;
    const storedKey = await this.vault.open(base.owner, 'privateKey', update.stored);
    // A key that cannot be decrypted is reported when it is used; other fields stay editable.
    return isRefusal(storedKey) ? draft : this.normalise(caller, draft, storedKey);
  }

  private async normalise(
    caller: CallerIdentity,
    draft: EndpointDraft,
    storedKey?: Secret,
  ): Promise<EndpointDraft | Refusal> {
    const { plain, secrets, passphrase, hostname, port } = draft;
    // A placeholder stands for the stored key, which only matchStoredKey can read.
    const newKey = secrets.privateKey?.startsWith(CIPHER_MARK) ? undefined : secrets.privateKey;
    const keys = { ...plain, privateKey: newKey ?? storedKey?.reveal(), passphrase };
    const inspection = await this.work.inspectorFor(caller).inspect(keys, { hostname, port });
    if (isRefusal(inspection)) {
      const isAboutKey = inspection.code === 'invalid-key';
      return isAboutKey ? invalidEndpoint([inspection.message]) : inspection;
    }
    const { privateKey, publicKey, certificate, hostKey } = inspection.normal;
    return {
      ...draft,
      plain: { ...plain, publicKey, certificate, hostKey },
      secrets: newKey ? { ...secrets, privateKey } : secrets,
    };
  }
}
