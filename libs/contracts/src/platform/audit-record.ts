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
