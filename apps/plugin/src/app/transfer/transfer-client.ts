import type { ImportReport } from '@remote-access/contracts';
import type { FileCalls } from '../host/platform-calls';
import { Refusal } from '../ui/refusal';
import { gettext, type Message } from '../ui/message';

/** The service's limit for one import. */
const MAX_BYTES = 1_048_576;

/** A file to import, as the service expects it. */
export interface ImportFile {
  readonly name: string;
  readonly text: string;
  readonly mediaType: 'application/json' | 'text/csv';
}

/** Reads a file that the user chose. The service validates its content. */
export async function readImportFile(file: File): Promise<ImportFile | Message> {
  if (file.size === 0) return { text: gettext('The file is empty.') };
  if (file.size > MAX_BYTES) {
    return { text: gettext('The file is larger than 1 MiB. Split it and import the parts.') };
  }
  try {
    const text = await file.text();
    const isJson = /^\s*[[{]/.test(text.replace(/^\ufeff/, ''));
    const mediaType = isJson ? 'application/json' : 'text/csv';
    return { name: file.name, text: isJson ? text.replace(/^\ufeff/, '') : text, mediaType };
  } catch {
    // The file was removed or changed after it was chosen.
    return { text: gettext('The file cannot be read. Choose it again.') };
  }
}

export function isImportFile(read: ImportFile | Message): read is ImportFile {
  return 'mediaType' in read;
}

export type TransferFormat = 'csv' | 'json';

const PATH = '/service/remoteaccess/configurations';

/** Exports and imports endpoints, of one gateway or of all gateways that the user may see. */
export class TransferClient {
  constructor(
    private readonly files: FileCalls,
    /** The gateway; all gateways if omitted. */
    readonly deviceId?: string,
  ) {}

  async export(format: TransferFormat): Promise<Blob | Refusal> {
    const query = new URLSearchParams({ format });
    if (this.deviceId !== undefined) query.set('deviceIds', this.deviceId);
    const { status, body, file } = await this.files.download(`${PATH}/export?${query}`);
    return file ?? Refusal.of(status, body);
  }

  /** @param dryRun reports what would change, and changes nothing */
  async import({ text, mediaType }: ImportFile, dryRun: boolean): Promise<ImportReport | Refusal> {
    const query = new URLSearchParams({ dryRun: String(dryRun) });
    if (this.deviceId !== undefined) query.set('deviceId', this.deviceId);
    const path = `${PATH}/import?${query}`;
    const { status, body } = await this.files.upload(path, text, mediaType);
    return status === 200 ? (body as ImportReport) : Refusal.of(status, body);
  }
}
