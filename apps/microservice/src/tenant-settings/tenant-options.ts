import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { TenantId } from '@remote-access/contracts';
import { OPTION_CATEGORY, OPTION_KEYS } from '@remote-access/contracts/platform';
import { Secret } from '@remote-access/settings';
import { Cumulocity } from '../platform/cumulocity';
import { TenantDirectory } from '../platform/tenant-directory';
import type { KeyMaterial } from '../settings/settings';
import { createHash } from 'node:crypto';

/** A changed option is in force after at most this time. */
const MEMO_MS = 10_000;

/** Longest delay that a timer takes (2^31 - 1 ms, 24.8 days). */
const MAX_DELAY_MS = 2_147_483_647;

type OptionTexts = Readonly<Record<string, string>>;

/** Reads a tenant's options of remote access, as its service user. */
@Injectable()
export class TenantOptions implements OnModuleInit, OnModuleDestroy {
  private readonly memo = new Map<TenantId, { readAtMs: number; texts: Promise<OptionTexts> }>();
  private endWatch: (() => void) | undefined;

  constructor(
    private readonly cumulocity: Cumulocity,
    private readonly tenants: TenantDirectory,
  ) {}

  onModuleInit(): void {
    // A tenant that comes back has another service user, maybe other options.
    const forget = (tenant: TenantId): void => this.forget(tenant);
    this.endWatch = this.tenants.watch({ subscribed: forget, unsubscribed: forget });
  }

  onModuleDestroy(): void {
    this.endWatch?.();
  }

  /** @throws RemoteAccessError when the platform does not tell */
  async of(tenant: TenantId): Promise<RemoteAccessOptions> {
    const texts = await this.read(tenant);
    const positive = (key: string, fallback: number): number => number(texts[key], 1, fallback);
    return {
      enabled: texts[OPTION_KEYS.enabled] !== 'false',
      notice: texts[OPTION_KEYS.notice]?.trim() || null,
      operationTimeoutMs: delay(1_000 * positive(OPTION_KEYS.operationTimeout, 30)),
      idleTimeoutMs: delay(positive(OPTION_KEYS.idleTimeout, 3_600_000)),
      maxDurationMs: delay(1_000 * number(texts[OPTION_KEYS.maxDuration], 0, 0)),
      hostKeyAutosave: texts[OPTION_KEYS.hostKeyAutosave] === 'true',
    };
  }

  /** @returns `undefined` where the tenant has no key material, or shows it to its owner only */
  async keyMaterial(tenant: TenantId): Promise<KeyMaterial | undefined> {
    const { sealingPassword, sealingSalt } = OPTION_KEYS;
    return materialOf(await this.read(tenant), sealingPassword, sealingSalt);
  }

  /** While keys are changed: the key material that was in force before. */
  async previousKeyMaterial(tenant: TenantId): Promise<KeyMaterial | undefined> {
    const { previousSealingPassword, previousSealingSalt } = OPTION_KEYS;
    return materialOf(await this.read(tenant), previousSealingPassword, previousSealingSalt);
  }

  /** What was just written is read anew. */
  forget(tenant: TenantId): void {
    this.memo.delete(tenant);
  }

  private read(tenant: TenantId): Promise<OptionTexts> {
    const known = this.memo.get(tenant);
    if (known && Date.now() - known.readAtMs < MEMO_MS) return known.texts;
    const texts = this.cumulocity.asService(tenant).tenantOptions(OPTION_CATEGORY);
    const fresh = { readAtMs: Date.now(), texts };
    this.memo.set(tenant, fresh);
    // A failure is told to who asked and not remembered.
    texts.catch(() => {
      if (this.memo.get(tenant) === fresh) this.memo.delete(tenant);
    });
    return texts;
  }
}

function materialOf(
  texts: OptionTexts,
  passwordKey: string,
  saltKey: string,
): KeyMaterial | undefined {
  const password = credential(texts, passwordKey);
  const salt = credential(texts, saltKey);
  return password && salt ? { password: new Secret(password), salt: new Secret(salt) } : undefined;
}

/** The platform tells encrypted options with and without their prefix, depending on the call. */
function credential(texts: OptionTexts, key: string): string | undefined {
  const value = texts[key] ?? texts[key.replace(/^credentials\./, '')];
  return value === undefined || value === '<<Encrypted>>' ? undefined : value;
}

function number(text: string | undefined, least: number, fallback: number): number {
  const value = Number(text?.trim() || NaN);
  return Number.isFinite(value) && value >= least ? value : fallback;
}

function delay(ms: number): number {
  return Math.min(ms, MAX_DELAY_MS);
}

/** The options of a tenant, category `remoteaccess`, with their defaults filled in. */
export interface RemoteAccessOptions {
  /** `false` where the tenant has switched remote access off. */
  readonly enabled: boolean;
  /** What people accept before they connect. */
  readonly notice: string | null;
  /** How long a gateway has to take the operation and dial back. */
  readonly operationTimeoutMs: number;
  /** A session without a byte for this long ends. */
  readonly idleTimeoutMs: number;
  /** How long a session may last; 0 for no limit. */
  readonly maxDurationMs: number;
  /** Whether the host key of a first successful connection is saved. */
  readonly hostKeyAutosave: boolean;
}

/** Names a text of the notice: an acceptance of an older one does not cover it. */
export function noticeId(notice: string): string {
  return createHash('sha256').update(notice).digest('hex');
}
