import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import {
  type DeviceAdmission,
  type TenantId,
  WATCH_SETTINGS,
  type WatchSetting,
} from '@remote-access/contracts';
import { OPTION_CATEGORY, OPTION_KEYS } from '@remote-access/contracts/platform';
import { Secret } from '@remote-access/settings';
import { MAX_DELAY_MS } from '@remote-access/streams';
import { Cumulocity } from '../platform/cumulocity';
import { TenantDirectory } from '../platform/tenant-directory';
import type { KeyMaterial } from '../settings/settings';
import { createHash } from 'node:crypto';
import { joinNotice } from './notice-parts';

/** A change made by another program takes effect within this time. */
const CACHE_MS = 10_000;

/** The value that marks authenticated entries; identifies the version of the scheme. */
const ENDPOINTS_AUTHENTICATED = 'v1';

type OptionTexts = Readonly<Record<string, string>>;

/** A tenant's options in the category `remoteaccess`, with defaults filled in. */
export interface RemoteAccessOptions {
  /** Whether the tenant allows new sessions. */
  readonly enabled: boolean;
  /** The text that users must accept before they connect. */
  readonly notice: string | null;
  /** How long a gateway may take to accept the operation and connect. */
  readonly operationTimeoutMs: number;
  /** A session without traffic for this long ends. */
  readonly idleTimeoutMs: number;
  /** The maximum duration of a session; 0 for no limit. */
  readonly maxDurationMs: number;
  /** How long a session waits for a client that lost its connection; 0 disables resuming. */
  readonly resumeMs: number;
  /** Whether other users may watch sessions. */
  readonly watch: WatchSetting;
  /** Whether the host key of the first successful sign-in is pinned. */
  readonly hostKeyAutosave: boolean;
  /** Which device users may connect for a gateway. */
  readonly deviceAdmission: DeviceAdmission;
  /** Whether a session that cannot be recorded in the audit log is refused. */
  readonly auditRequired: boolean;
  /** Whether gateways may connect with a malformed `Sec-WebSocket-Key`. */
  readonly malformedKeys: boolean;
  /**
   * Whether pages that are signed in with Basic authentication send the credential in a WebSocket's
   * address.
   */
  readonly tokenInAddress: boolean;
}

/** Reads a tenant's remote access options, as its service user. */
@Injectable()
export class TenantOptions implements OnModuleInit, OnModuleDestroy {
  private readonly cache = new Map<TenantId, { readAtMs: number; texts: Promise<OptionTexts> }>();
  private endWatch: (() => void) | undefined;

  constructor(
    private readonly cumulocity: Cumulocity,
    private readonly tenants: TenantDirectory,
  ) {}

  onModuleInit(): void {
    // A tenant that subscribes again has a new service user and possibly different options.
    const forget = (tenant: TenantId): void => this.forget(tenant);
    this.endWatch = this.tenants.watch({ subscribed: forget, unsubscribed: forget });
  }

  onModuleDestroy(): void {
    this.endWatch?.();
  }

  /** @throws RemoteAccessError if the platform fails */
  async of(tenant: TenantId): Promise<RemoteAccessOptions> {
    const texts = await this.read(tenant);
    const positive = (key: string, fallback: number): number =>
      numberOption(texts[key], 1, fallback);
    return {
      enabled: texts[OPTION_KEYS.enabled] !== 'false',
      notice: joinNotice(texts),
      operationTimeoutMs: timerDelay(1_000 * positive(OPTION_KEYS.operationTimeout, 30)),
      idleTimeoutMs: timerDelay(positive(OPTION_KEYS.idleTimeout, 3_600_000)),
      maxDurationMs: timerDelay(1_000 * numberOption(texts[OPTION_KEYS.maxDuration], 0, 0)),
      resumeMs: timerDelay(1_000 * numberOption(texts[OPTION_KEYS.sessionResume], 0, 120)),
      watch: watchOption(texts[OPTION_KEYS.watch]),
      hostKeyAutosave: texts[OPTION_KEYS.hostKeyAutosave] === 'true',
      deviceAdmission: texts[OPTION_KEYS.deviceAdmission] === 'reader' ? 'reader' : 'owner',
      auditRequired: texts[OPTION_KEYS.auditRequired] !== 'false',
      malformedKeys: texts[OPTION_KEYS.malformedKeys] === 'true',
      tokenInAddress: texts[OPTION_KEYS.tokenInAddress] === 'true',
    };
  }

  /** @returns `undefined` if the tenant has none, or only its owner may read it */
  async keyMaterial(tenant: TenantId): Promise<KeyMaterial | undefined> {
    const { sealingPassword, sealingSalt } = OPTION_KEYS;
    return materialOf(await this.read(tenant), sealingPassword, sealingSalt);
  }

  /** Whether none of the options for key material exists, readable or not. Bypasses the cache. */
  async isWithoutKeyMaterial(tenant: TenantId): Promise<boolean> {
    this.forget(tenant);
    const texts = await this.read(tenant);
    const keys = [
      OPTION_KEYS.sealingPassword,
      OPTION_KEYS.sealingSalt,
      OPTION_KEYS.previousSealingPassword,
      OPTION_KEYS.previousSealingSalt,
    ];
    return keys.every(key => texts[key] === undefined && texts[withoutPrefix(key)] === undefined);
  }

  /** The previous key material, while it is configured. */
  async previousKeyMaterial(tenant: TenantId): Promise<KeyMaterial | undefined> {
    const { previousSealingPassword, previousSealingSalt } = OPTION_KEYS;
    return materialOf(await this.read(tenant), previousSealingPassword, previousSealingSalt);
  }

  /** Whether entries without authentication, as older versions wrote them, are refused for good. */
  async areEndpointsAuthenticated(tenant: TenantId): Promise<boolean> {
    return (await this.read(tenant))[OPTION_KEYS.endpointsAuthenticated] !== undefined;
  }

  /** @throws RemoteAccessError if the platform does not store it */
  async setEndpointsAuthenticated(tenant: TenantId): Promise<void> {
    const value = { [OPTION_KEYS.endpointsAuthenticated]: ENDPOINTS_AUTHENTICATED };
    await this.cumulocity.asService(tenant).updateTenantOptions(OPTION_CATEGORY, value);
    this.forget(tenant);
  }

  /** Makes the next call read the options again. */
  forget(tenant: TenantId): void {
    this.cache.delete(tenant);
  }

  private read(tenant: TenantId): Promise<OptionTexts> {
    const known = this.cache.get(tenant);
    if (known && performance.now() - known.readAtMs < CACHE_MS) return known.texts;
    const texts = this.cumulocity.asService(tenant).tenantOptions(OPTION_CATEGORY);
    const fresh = { readAtMs: performance.now(), texts };
    this.cache.set(tenant, fresh);
    // Failures are returned to the caller and not cached.
    texts.catch(() => {
      if (this.cache.get(tenant) === fresh) this.cache.delete(tenant);
    });
    return texts;
  }
}

function materialOf(
  texts: OptionTexts,
  passwordKey: string,
  saltKey: string,
): KeyMaterial | undefined {
  const password = credentialOption(texts, passwordKey);
  const salt = credentialOption(texts, saltKey);
  return password && salt ? { password: new Secret(password), salt: new Secret(salt) } : undefined;
}

/** Whether the platform returns encrypted options with their prefix depends on the request. */
function credentialOption(texts: OptionTexts, key: string): string | undefined {
  const value = texts[key] ?? texts[withoutPrefix(key)];
  return value === undefined || value === '<<Encrypted>>' ? undefined : value;
}

function withoutPrefix(key: string): string {
  return key.replace(/^credentials\./, '');
}

/** An unknown value permits nothing. */
function watchOption(text: string | undefined): WatchSetting {
  return text === undefined ? 'told' : (WATCH_SETTINGS.find(one => one === text.trim()) ?? 'off');
}

function numberOption(text: string | undefined, min: number, fallback: number): number {
  const value = Number(text?.trim() || NaN);
  return Number.isFinite(value) && value >= min ? value : fallback;
}

function timerDelay(ms: number): number {
  return Math.min(ms, MAX_DELAY_MS);
}

/** Identifies the notice's text, so that accepting an older text is not sufficient. */
export function noticeId(notice: string): string {
  return createHash('sha256').update(notice).digest('hex');
}
