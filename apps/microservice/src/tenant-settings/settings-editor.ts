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
import { splitNotice } from './notice-parts';
import { noticeId, TenantOptions } from './tenant-options';

/** The settings as tenant options; `null` for an absent one. */
type OptionTexts = ReadonlyMap<string, string | null>;

/** Long enough to distinguish states of ten settings. */
const REVISION_CHARACTERS = 16;

/** Shows and changes the settings that an administrator makes for a tenant. */
@Injectable()
export class SettingsEditor {
  /** One change per tenant at a time, so that each starts from the result of the previous one. */
  private readonly queue = new KeyedQueue();
  private readonly listeners = new Set<(tenant: TenantId) => void>();

  constructor(
    private readonly cumulocity: Cumulocity,
    private readonly options: TenantOptions,
    private readonly audit: AuditTrail,
    private readonly log: Log,
  ) {}

  /**
   * Calls the listener after each change.
   * @returns a function that removes the listener
   */
  listen(listener: (tenant: TenantId) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The current settings, with defaults filled in. */
  async show(tenant: TenantId): Promise<ShownSettings> {
    const { operationTimeoutMs, maxDurationMs, resumeMs, ...others } =
      await this.options.of(tenant);
    const { notice } = others;
    const settings: RemoteAccessSettings = {
      ...others,
      operationTimeoutSeconds: operationTimeoutMs / 1_000,
      maxDurationSeconds: maxDurationMs / 1_000,
      resumeSeconds: resumeMs / 1_000,
    };
    return {
      ...settings,
      revision: revisionOf(optionTexts(settings)),
      noticeId: notice === null ? null : noticeId(notice),
    };
  }

  /**
   * Writes the differences with the caller's credentials, so that the platform checks permissions.
   * @throws RemoteAccessError `conflict` if the revision is outdated, or the platform's failure
   */
  replace(
    caller: Caller,
    credentials: CallerCredentials,
    { revision, ...body }: SettingsBody,
  ): Promise<ShownSettings> {
    const { tenant } = caller;
    return this.queue.run(tenant, async () => {
      const shownBefore = await this.showFresh(tenant);
      const before = optionTexts(shownBefore);
      if (revision !== undefined && revision !== revisionOf(before)) {
        const detail = 'Someone else has changed the settings. Read them again.';
        throw new RemoteAccessError('conflict', { detail });
      }
      const after = optionTexts({ ...shownBefore, ...body });
      try {
        await this.write(credentials, before, after);
      } catch (error) {
        await this.recordActualChanges(caller, before);
        throw error;
      }
      const shown = await this.showFresh(tenant);
      for (const listener of this.listeners) listener(tenant);
      await this.recordChanges(caller, before, after);
      return shown;
    });
  }

  /** All or nothing: removed options are restored if the others cannot be written. */
  private async write(
    credentials: CallerCredentials,
    textsBefore: OptionTexts,
    textsAfter: OptionTexts,
  ): Promise<void> {
    const platform = this.cumulocity.as(credentials);
    const [before, after] = [storedTexts(textsBefore), storedTexts(textsAfter)];
    const changed = changedKeys(before, after);
    const removed = changed.filter(key => after.get(key) === null);
    for (const key of removed) await platform.removeTenantOption(OPTION_CATEGORY, key);
    const values = presentTexts(after, changed);
    if (Object.keys(values).length === 0) return;
    try {
      await platform.updateTenantOptions(OPTION_CATEGORY, values);
    } catch (error) {
      const lost = presentTexts(before, removed);
      if (removed.length > 0) {
        await platform.updateTenantOptions(OPTION_CATEGORY, lost).catch((cause: unknown) => {
          this.log.error('A removed setting could not be restored', { removed, cause });
        });
      }
      throw error;
    }
  }

  /** A failed write may still have changed something. */
  private async recordActualChanges(caller: Caller, before: OptionTexts): Promise<void> {
    try {
      await this.recordChanges(caller, before, await this.current(caller.tenant));
    } catch (cause) {
      const { tenant } = caller;
      this.log.error('The result of a settings change is unknown', { tenant, cause });
    } finally {
      // A slow platform may complete the write later.
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
      const activity = 'Remote access setting changed';
      await this.audit.record(tenant, { type: 'Option', activity, text, user });
    }
  }

  private async current(tenant: TenantId): Promise<OptionTexts> {
    return optionTexts(await this.showFresh(tenant));
  }

  private showFresh(tenant: TenantId): Promise<ShownSettings> {
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
    [OPTION_KEYS.sessionResume, String(settings.resumeSeconds)],
    [OPTION_KEYS.watch, settings.watch],
    [OPTION_KEYS.notice, settings.notice],
    [OPTION_KEYS.deviceAdmission, settings.deviceAdmission],
    [OPTION_KEYS.auditRequired, String(settings.auditRequired)],
    [OPTION_KEYS.malformedKeys, String(settings.malformedKeys)],
    [OPTION_KEYS.tokenInAddress, String(settings.tokenInAddress)],
  ]);
}

/** As the platform stores them: a notice may take several options. */
function storedTexts(texts: OptionTexts): OptionTexts {
  return new Map([...texts, ...splitNotice(texts.get(OPTION_KEYS.notice) ?? null)]);
}

function changedKeys(before: OptionTexts, after: OptionTexts): string[] {
  return [...after.keys()].filter(key => after.get(key) !== before.get(key));
}

/** Those of the given options that are present. */
function presentTexts(options: OptionTexts, keys: readonly string[]): Record<string, string> {
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
