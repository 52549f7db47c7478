import { Injectable } from '@nestjs/common';
import type { RemoteAccessSettings, ShownSettings, TenantId } from '@remote-access/contracts';
import { OPTION_CATEGORY, OPTION_KEYS } from '@remote-access/contracts/platform';
import type { Caller } from '../access/caller';
import { AuditTrail } from '../audit/audit-trail';
import { KeyedQueue } from '../endpoints/keyed-queue';
import type { CallerCredentials } from '../platform/caller-credentials';
import { Cumulocity } from '../platform/cumulocity';
import { noticeId } from './notice-id';
import { TenantOptions } from './tenant-options';

/** Shows and changes what an administrator sets for a tenant. */
@Injectable()
export class SettingsEditor {
  /** Of two writers the second one sees, and puts into the audit, what the first one wrote. */
  private readonly queue = new KeyedQueue();
  private readonly listeners = new Set<(tenant: TenantId) => void>();

  constructor(
    private readonly cumulocity: Cumulocity,
    private readonly options: TenantOptions,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * Tells of each tenant whose settings have been written.
   * @returns ends it
   */
  listen(listener: (tenant: TenantId) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** As they are in force, defaults filled in. */
  async show(tenant: TenantId): Promise<ShownSettings> {
    const { enabled, notice, hostKeyAutosave, ...times } = await this.options.of(tenant);
    return {
      enabled,
      hostKeyAutosave,
      operationTimeoutSeconds: times.operationTimeoutMs / 1_000,
      idleTimeoutMs: times.idleTimeoutMs,
      maxDurationSeconds: times.maxDurationMs / 1_000,
      notice,
      noticeId: notice === null ? null : noticeId(notice),
    };
  }

  /**
   * Writes what differs, as the caller: whether somebody may is the platform's decision too.
   * @throws RemoteAccessError what the platform answered
   */
  replace(
    caller: Caller,
    credentials: CallerCredentials,
    settings: RemoteAccessSettings,
  ): Promise<ShownSettings> {
    const { tenant, userName: user } = caller;
    return this.queue.run(tenant, async () => {
      this.options.forget(tenant);
      const before = optionTexts(await this.show(tenant));
      const after = optionTexts(settings);
      const changed = [...after.keys()].filter(key => after.get(key) !== before.get(key));
      try {
        await this.write(credentials, after, changed);
      } finally {
        // Also after a failure: what of it was written is not known.
        this.options.forget(tenant);
      }
      for (const listener of this.listeners) listener(tenant);
      for (const key of changed) {
        const text = `${key} changed from ${quoted(before.get(key))} to ${quoted(after.get(key))}`;
        const sourceId = `${OPTION_CATEGORY}/${key}`;
        const activity = 'Remote access setting changed';
        await this.audit.record(tenant, { type: 'Option', sourceId, activity, text, user });
      }
      return this.show(tenant);
    });
  }

  private async write(
    credentials: CallerCredentials,
    after: ReadonlyMap<string, string | null>,
    changed: readonly string[],
  ): Promise<void> {
    const platform = this.cumulocity.as(credentials);
    const values = changed.flatMap(key => {
      const value = after.get(key) ?? null;
      return value === null ? [] : [[key, value] as const];
    });
    if (values.length > 0) {
      await platform.updateTenantOptions(OPTION_CATEGORY, Object.fromEntries(values));
    }
    for (const key of changed) {
      if (after.get(key) === null) await platform.removeTenantOption(OPTION_CATEGORY, key);
    }
  }
}

/** The settings as tenant options; `null` for one that is to be absent. */
function optionTexts(settings: RemoteAccessSettings): Map<string, string | null> {
  return new Map([
    [OPTION_KEYS.enabled, String(settings.enabled)],
    [OPTION_KEYS.hostKeyAutosave, String(settings.hostKeyAutosave)],
    [OPTION_KEYS.operationTimeout, String(settings.operationTimeoutSeconds)],
    [OPTION_KEYS.idleTimeout, String(settings.idleTimeoutMs)],
    [OPTION_KEYS.maxDuration, String(settings.maxDurationSeconds)],
    [OPTION_KEYS.notice, settings.notice],
  ]);
}

function quoted(value: string | null | undefined): string {
  return value === null || value === undefined ? 'nothing' : JSON.stringify(value);
}
