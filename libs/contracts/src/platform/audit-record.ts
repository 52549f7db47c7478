/** An audit record to be created. The platform adds id, user and creation time. */
export interface AuditRecordBody {
  type: 'Inventory' | 'Option' | 'Operation' | (string & {});
  activity: string;
  text: string;
  /** ISO 8601. */
  time: string;
  source?: { id: string };
  severity?: 'CRITICAL' | 'MAJOR' | 'MINOR' | 'WARNING' | 'INFORMATION';
  /** Defaults to the caller. */
  user?: string;
  application?: string;
  [fragment: string]: unknown;
}

export interface AuditRecord extends AuditRecordBody {
  id: string;
  creationTime: string;
  self?: string;
}

/** The fragment of the service's audit records about sessions. */
export const SESSION_FRAGMENT = 'c8y_CloudRemoteAccessSession';

/** Facts about a session in an audit record, for programs. */
export interface SessionFacts {
  /** The process that serves the session, in the record of its start. */
  owner?: string;
  endpointId: string;
  endpointName: string;
  protocol: string;
  /** In the record of its end. */
  durationMs?: number;
  /** Why it ended: a code of the error catalogue, or `normal`. */
  code?: string;
}
