import type { SettingsBody } from '@remote-access/contracts';
import type { Caller } from '../access/caller';
import type { AuditTrail } from '../audit/audit-trail';
import type { Log } from '../logging/log';
import type { CallerCredentials } from '../platform/caller-credentials';
import type { Cumulocity } from '../platform/cumulocity';
import type { TenantDirectory } from '../platform/tenant-directory';
import { SettingsEditor } from './settings-editor';
import { TenantOptions } from './tenant-options';

const NOTICE = 'remoteaccess.notice';
const AUTOSAVE = 'hostkey-autosave';
const CALLER = { tenant: 't1', userName: 'ada' } as Caller;
const CREDENTIALS = {} as CallerCredentials;

let stored: Map<string, string>;
let failing: (call: 'update' | 'remove', values: Record<string, string>) => boolean;
let audit: string[];
let logged: string[];
let editor: SettingsEditor;

beforeEach(() => {
  stored = new Map([[NOTICE, 'Be nice.']]);
  failing = () => false;
  audit = [];
  logged = [];
  const platform = {
    tenantOptions: () => Promise.resolve(Object.fromEntries(stored)),
    updateTenantOptions: (_category: string, values: Record<string, string>) => {
      if (failing('update', values)) return Promise.reject(new Error('500'));
      keep(values);
      return Promise.resolve();
    },
    removeTenantOption: (_category: string, key: string) => {
      if (failing('remove', {})) return Promise.reject(new Error('500'));
      stored.delete(key);
      return Promise.resolve();
    },
  };
  const cumulocity = { as: () => platform, asService: () => platform } as unknown as Cumulocity;
  const trail = {
    record: (_tenant: string, { text }: { text: string }) => Promise.resolve(audit.push(text)),
  } as unknown as AuditTrail;
  const log = { error: (text: string) => logged.push(text) } as unknown as Log;
  const options = new TenantOptions(cumulocity, {} as TenantDirectory);
  editor = new SettingsEditor(cumulocity, options, trail, log);
});

function keep(values: Record<string, string>): void {
  for (const [key, value] of Object.entries(values)) stored.set(key, value);
}

async function change(settings: Partial<SettingsBody>): Promise<unknown> {
  const { revision } = settings;
  const before = await editor.show('t1');
  return editor.replace(CALLER, CREDENTIALS, { ...before, ...settings, revision });
}

const BOTH = { notice: null, hostKeyAutosave: true };

describe('a change of several settings', () => {
  it('is written, with an audit record for each', async () => {
    await change(BOTH);
    expect(Object.fromEntries(stored)).toEqual({ [AUTOSAVE]: 'true' });
    expect(audit).toHaveLength(2);
  });

  it.each(['update', 'remove'] as const)('changes nothing when the %s fails', async which => {
    failing = (call, values) => call === which && !(NOTICE in values);
    await expect(change(BOTH)).rejects.toThrow('500');
    expect(Object.fromEntries(stored)).toEqual({ [NOTICE]: 'Be nice.' });
    expect(audit).toEqual([]);
    expect(await editor.show('t1')).toMatchObject({ notice: 'Be nice.', hostKeyAutosave: false });
  });

  it('that cannot be rolled back is audited and logged', async () => {
    failing = call => call === 'update';
    await expect(change(BOTH)).rejects.toThrow('500');
    expect(audit).toEqual([`${NOTICE} changed from "Be nice." to nothing`]);
    expect(logged).toEqual(['A removed setting could not be restored']);
  });

  it('that the platform made despite responding with an error is audited', async () => {
    failing = (_call, values) => {
      keep(values);
      return true;
    };
    await expect(change({ hostKeyAutosave: true })).rejects.toThrow('500');
    expect(audit).toEqual([`${AUTOSAVE} changed from "false" to "true"`]);
  });
});

describe('two administrators at once', () => {
  it('do not overwrite each other: the second one gets a conflict', async () => {
    const read = await editor.show('t1');
    const [first, second] = await Promise.allSettled([
      editor.replace(CALLER, CREDENTIALS, { ...read, hostKeyAutosave: true }),
      editor.replace(CALLER, CREDENTIALS, { ...read, notice: 'Hello' }),
    ]);
    expect(first.status).toBe('fulfilled');
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'conflict' } });
    expect(Object.fromEntries(stored)).toEqual({ [NOTICE]: 'Be nice.', [AUTOSAVE]: 'true' });
  });

  it('overwrite each other if they send no revision', async () => {
    await change({ hostKeyAutosave: true });
    await change({ notice: 'Hello' });
    expect(Object.fromEntries(stored)).toEqual({ [NOTICE]: 'Hello', [AUTOSAVE]: 'true' });
  });
});
