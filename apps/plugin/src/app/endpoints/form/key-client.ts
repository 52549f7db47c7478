import type {
  FetchedHostKey,
  GeneratedKeyPair,
  HostKeyFetchBody,
  KeyGenerationBody,
  KeyInspection,
  KeyInspectionBody,
} from '@remote-access/contracts';
import type { PlatformCalls } from '../../host/platform-calls';
import { Refusal } from '../../ui/refusal';
import { gettext } from '../../ui/message';

const SERVICE = '/service/remoteaccess';

/** Has the service read, generate and fetch keys. It stores none of them. */
export class KeyClient {
  constructor(private readonly platform: PlatformCalls) {}

  async inspect(body: KeyInspectionBody): Promise<KeyInspection | Refusal> {
    const answer = await this.platform.call('POST', `${SERVICE}/keypair/inspect`, body);
    return answer.status === 200
      ? (answer.body as KeyInspection)
      : Refusal.of(answer.status, answer.body);
  }

  async generate(body: KeyGenerationBody): Promise<GeneratedKeyPair | Refusal> {
    const answer = await this.platform.call('POST', `${SERVICE}/keypair/generate`, body);
    return answer.status === 200
      ? (answer.body as GeneratedKeyPair)
      : Refusal.of(answer.status, answer.body);
  }

  /** The keys that a server currently presents to the gateway. They are not verified. */
  async fetchHostKeys(
    deviceId: string,
    server: HostKeyFetchBody,
  ): Promise<readonly FetchedHostKey[] | Refusal> {
    const path = `${SERVICE}/devices/${encodeURIComponent(deviceId)}/host-keys/fetch`;
    const { status, body } = await this.platform.call('POST', path, server);
    const hostKeys = (body as { hostKeys?: unknown } | undefined)?.hostKeys;
    return status === 200 && Array.isArray(hostKeys)
      ? (hostKeys as FetchedHostKey[])
      : Refusal.of(status, body);
  }
}

/** A kind of key that the service can generate. */
export interface KeyKind {
  readonly id: string;
  readonly label: string;
  readonly body: Pick<KeyGenerationBody, 'type' | 'bits'>;
}

/** The recommended kind comes first. */
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
