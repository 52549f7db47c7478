/** Import of endpoints for many gateways: `POST /configurations/import`. */
export const IMPORT_OUTCOMES = ['added', 'changed', 'unchanged', 'refused'] as const;
export type ImportOutcome = (typeof IMPORT_OUTCOMES)[number];

/** What became of one line, or with a dry run would become of it. */
export interface ImportLine {
  /** Of the CSV file as editors count; with JSON the number of the object, from 1. */
  line: number;
  deviceId: string | null;
  /** `null` where the endpoint is refused, and for a new one in a dry run. */
  endpointId: string | null;
  name: string | null;
  outcome: ImportOutcome;
  /** A code of the error catalogue, where it is refused. */
  code?: string;
  /** Why, for people. */
  message?: string;
}

export interface ImportReport {
  /** `true`: nothing was changed. */
  dryRun: boolean;
  counts: Record<ImportOutcome, number>;
  /** In the order of the file. */
  lines: ImportLine[];
}

/** Bounds of one import and of one export. */
export const TRANSFER_LIMITS = {
  /** Each is read and written at the platform; more would outlast the patience of a proxy. */
  lines: 1_000,
  /** Gateways named in one export. */
  namedDevices: 500,
  /** Gateways in an export of all of them. */
  devices: 5_000,
} as const;
