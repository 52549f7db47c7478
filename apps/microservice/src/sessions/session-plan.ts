import type { DeviceId, Endpoint, TenantId } from '@remote-access/contracts';
import type { ShownRights } from '../access/caller';
import type { CallListener, GatewayCall } from '../gateway-call/gateway-call';
import type { BridgeOpener } from './bridge';
import type { SessionLimits } from './session-limits';

/** Whose session it is and where it leads. Contains no secret and no managed object. */
export interface SessionSubject {
  readonly caller: { readonly tenant: TenantId; readonly userName: string };
  readonly gateway: { readonly id: DeviceId; readonly name: string };
  readonly endpoint: Readonly<
    Pick<Endpoint, 'id' | 'name' | 'protocol' | 'hostname' | 'port' | 'viewOnly'>
  >;
  /** The audit record's text about the tenant's notice, if there is one. */
  readonly notice: string | undefined;
  /** The rights that admitted the caller; reviews compare them with the current ones. */
  readonly rights: ShownRights;
}

/** What is needed only to open a session; the session does not retain it. */
export interface SessionPlan {
  readonly limits: SessionLimits;
  /** Whether the session may open only after the audit log has recorded it. */
  readonly auditRequired: boolean;
  /** How long the session waits for a client that lost its connection; 0 disables resuming. */
  readonly keepMs: number;
  readonly openBridge: BridgeOpener;
  readonly createCall: (listener: CallListener) => GatewayCall;
}
