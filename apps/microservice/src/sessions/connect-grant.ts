import type { Endpoint } from '@remote-access/contracts';
import type { Caller } from '../access/caller';
import type { Gateway } from '../access/gateway';
import type { NoticeRemark } from '../options/connect-conditions';
import type { CallerCredentials } from '../platform/caller-credentials';
import type { ProtocolDriver } from '../protocols/protocol-driver';

/** The whole access decision for one connection, made. */
export interface ConnectGrant {
  readonly caller: Caller;
  /** Kept in memory as long as the session runs, whose right to go on is reviewed with them. */
  readonly credentials: CallerCredentials;
  readonly gateway: Gateway;
  readonly endpoint: Endpoint;
  readonly driver: ProtocolDriver;
  readonly notice: NoticeRemark;
}
