/** An audit record to be created. The platform adds id, user and creation time. */
export interface AuditRecordBody {
  type: 'Inventory' | 'Option' | 'Operation' | (string & {});
  activity: string;
  text: string;
  /** ISO 8601. */
  time: string;
  source?: { id: string };
  severity?: 'CRITICAL' | 'MAJOR' | 'MINOR' | 'WARNING' | 'INFORMATION';
  /** The caller by default. */
  user?: string;
  application?: string;
  [fragment: string]: unknown;
}

export interface AuditRecord extends AuditRecordBody {
  id: string;
  creationTime: string;
  self?: string;
}

/** The fragment of our audit records about sessions. */
export const SESSION_FRAGMENT = 'c8y_CloudRemoteAccessSession';

/** Facts about a session in a record, for programs. */
export interface SessionFacts {
  /** The process that serves it, in the record of its begin. */
  owner?: string;
  endpointId: string;
  endpointName: string;
  protocol: string;
  /** In the record of its end. */
  durationMs?: number;
  /** Why it ended: a code of the error catalogue, or `normal`. */
  code?: string;
}
