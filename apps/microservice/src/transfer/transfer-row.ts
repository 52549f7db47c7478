/** One endpoint of a file that was read: where it is meant to go, and its flat body. */
export interface TransferRow {
  readonly line: number;
  readonly deviceId: string | null;
  /** `null` for a new endpoint. */
  readonly endpointId: string | null;
  readonly body: Readonly<Record<string, unknown>>;
  /** Why the row cannot be used as it is written. */
  readonly problem?: string;
}
