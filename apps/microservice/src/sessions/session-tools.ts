import type { OperationDesk } from '../operations/operation-desk';
import type { TenantOptions } from '../tenant-settings/tenant-options';
import type { OperationWatch } from '../platform/operation-watch';
import type { SessionJournal } from './session-journal';

/** What a session works with. */
export interface SessionTools {
  readonly operations: OperationDesk;
  readonly watch: OperationWatch;
  readonly options: TenantOptions;
  readonly journal: SessionJournal;
  /** From now on no gateway can claim the session. */
  readonly withdrawKey: () => void;
}
