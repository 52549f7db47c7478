/** Import of endpoints for many gateways: `POST /configurations/import`. */
export const IMPORT_OUTCOMES = ['added', 'changed', 'unchanged', 'refused'] as const;
export type ImportOutcome = (typeof IMPORT_OUTCOMES)[number];

/** The outcome of one line, or the expected outcome in a dry run. */
export interface ImportLine {
  /** Line of the CSV file, or position of the JSON object; counted from 1. */
  line: number;
  deviceId: string | null;
  /** `null` if the endpoint was refused, and for a new endpoint in a dry run. */
  endpointId: string | null;
  name: string | null;
  outcome: ImportOutcome;
  /** The columns whose values change or have changed; never the values. */
  changed?: string[];
  /** A code of the error catalogue, if the endpoint was refused. */
  code?: string;
  /** The reason, for the user. */
  message?: string;
}

export interface ImportReport {
  /** If `true`, nothing was changed. */
  dryRun: boolean;
  counts: Record<ImportOutcome, number>;
  /** In the order of the file. */
  lines: ImportLine[];
}

/** Limits of one import and of one export. */
export const TRANSFER_LIMITS = {
  /** Each line takes requests to the platform; more lines would exceed the timeouts of proxies. */
  lines: 1_000,
  /** Gateways listed in an export request. */
  namedDevices: 500,
  /** Gateways in an export of all gateways. */
  devices: 5_000,
} as const;
