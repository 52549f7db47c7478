import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import {
  RemoteAccessError,
  type RemoteAccessSettings,
  type SettingsBody,
  type ShownSettings,
  type TenantId,
} from '@remote-access/contracts';
import { OPTION_CATEGORY, OPTION_KEYS } from '@remote-access/contracts/platform';
import type { Caller } from '../access/caller';
import { AuditTrail } from '../audit/audit-trail';
import { KeyedQueue } from '../concurrency/keyed-queue';
import { Log } from '../logging/log';
import type { CallerCredentials } from '../platform/caller-credentials';
import { Cumulocity } from '../platform/cumulocity';
import { noticeId, TenantOptions } from './tenant-options';

/** The settings as tenant options; `null` for one that is absent. */
type OptionTexts = ReadonlyMap<string, string | null>;

/** Enough to tell states of six settings apart. */
const REVISION_CHARACTERS = 16;

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
    private readonly log: Log,
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
    const settings: RemoteAccessSettings = {
      enabled,
      hostKeyAutosave,
      operationTimeoutSeconds: times.operationTimeoutMs / 1_000,
      idleTimeoutMs: times.idleTimeoutMs,
      maxDurationSeconds: times.maxDurationMs / 1_000,
      notice,
    };
    return {
      ...settings,
      revision: revisionOf(optionTexts(settings)),
      noticeId: notice === null ? null : noticeId(notice),
    };
  }

  /**
   * Writes what differs, as the caller: whether somebody may is the platform's decision too.
   * @throws RemoteAccessError `conflict` where the revision is not the one in force; what the
   * platform answered
   */
  replace(
    caller: Caller,
    credentials: CallerCredentials,
    { revision, ...settings }: SettingsBody,
  ): Promise<ShownSettings> {
    const { tenant } = caller;
    return this.queue.run(tenant, async () => {
      const before = await this.inForce(tenant);
      if (revision !== undefined && revision !== revisionOf(before)) {
        const detail = 'The settings were changed by somebody else. Read them again.';
        throw new RemoteAccessError('conflict', { detail });
      }
      const after = optionTexts(settings);
      try {
        await this.write(credentials, before, after);
      } catch (error) {
        await this.recordWhatIs(caller, before);
        throw error;
      }
      const shown = await this.anew(tenant);
      for (const listener of this.listeners) listener(tenant);
      await this.recordChanges(caller, before, after);
      return shown;
    });
  }

  /** All or nothing: what is taken away first is put back when the rest is not written. */
  private async write(
    credentials: CallerCredentials,
    before: OptionTexts,
    after: OptionTexts,
  ): Promise<void> {
    const platform = this.cumulocity.as(credentials);
    const changed = changedKeys(before, after);
    const removed = changed.filter(key => after.get(key) === null);
    for (const key of removed) await platform.removeTenantOption(OPTION_CATEGORY, key);
    const values = textsOf(after, changed);
    if (Object.keys(values).length === 0) return;
    try {
      await platform.updateTenantOptions(OPTION_CATEGORY, values);
    } catch (error) {
      const lost = textsOf(before, removed);
      if (removed.length > 0) {
        await platform.updateTenantOptions(OPTION_CATEGORY, lost).catch((cause: unknown) => {
          this.log.error('A setting that was taken away could not be put back', { removed, cause });
        });
      }
      throw error;
    }
  }

  /** After a failure: the platform may have written something all the same. */
  private async recordWhatIs(caller: Caller, before: OptionTexts): Promise<void> {
    try {
      await this.recordChanges(caller, before, await this.inForce(caller.tenant));
    } catch (cause) {
      const { tenant } = caller;
      this.log.error('Whether settings were changed is not known', { tenant, cause });
    } finally {
      // A slow platform may write later still.
      this.options.forget(caller.tenant);
    }
  }

  private async recordChanges(
    { tenant, userName: user }: Caller,
    before: OptionTexts,
    after: OptionTexts,
  ): Promise<void> {
    for (const key of changedKeys(before, after)) {
      const text = `${key} changed from ${quoted(before.get(key))} to ${quoted(after.get(key))}`;
      const sourceId = `${OPTION_CATEGORY}/${key}`;
      const activity = 'Remote access setting changed';
      await this.audit.record(tenant, { type: 'Option', sourceId, activity, text, user });
    }
  }

  private async inForce(tenant: TenantId): Promise<OptionTexts> {
    return optionTexts(await this.anew(tenant));
  }

  private anew(tenant: TenantId): Promise<ShownSettings> {
    this.options.forget(tenant);
    return this.show(tenant);
  }
}

function optionTexts(settings: RemoteAccessSettings): OptionTexts {
  return new Map([
    [OPTION_KEYS.enabled, String(settings.enabled)],
    [OPTION_KEYS.hostKeyAutosave, String(settings.hostKeyAutosave)],
    [OPTION_KEYS.operationTimeout, String(settings.operationTimeoutSeconds)],
    [OPTION_KEYS.idleTimeout, String(settings.idleTimeoutMs)],
    [OPTION_KEYS.maxDuration, String(settings.maxDurationSeconds)],
    [OPTION_KEYS.notice, settings.notice],
  ]);
}

function changedKeys(before: OptionTexts, after: OptionTexts): string[] {
  return [...after.keys()].filter(key => after.get(key) !== before.get(key));
}

/** Those that are there. */
function textsOf(options: OptionTexts, keys: readonly string[]): Record<string, string> {
  const found = keys.flatMap(key => {
    const text = options.get(key) ?? null;
    return text === null ? [] : [[key, text] as const];
  });
  return Object.fromEntries(found);
}

function revisionOf(options: OptionTexts): string {
  const hash = createHash('sha256').update(JSON.stringify([...options]));
  return hash.digest('hex').slice(0, REVISION_CHARACTERS);
}

function quoted(value: string | null | undefined): string {
  return value === null || value === undefined ? 'nothing' : JSON.stringify(value);
}
