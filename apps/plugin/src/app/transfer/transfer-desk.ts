import type { ImportReport } from '@remote-access/contracts';
import type { FileCalls } from '../host/file-calls';
import { Refusal } from '../ui/refusal';
import type { ImportFile } from './import-file';

export type TransferFormat = 'csv' | 'json';

const PATH = '/service/remoteaccess/configurations';

/** Endpoints as files: of one gateway, or of all that the user may see. */
export class TransferDesk {
  constructor(
    private readonly files: FileCalls,
    /** The gateway, where it is about one only. */
    readonly deviceId?: string,
  ) {}

  async export(format: TransferFormat): Promise<Blob | Refusal> {
    const query = new URLSearchParams({ format });
    if (this.deviceId !== undefined) query.set('deviceIds', this.deviceId);
    const { status, body, file } = await this.files.download(`${PATH}/export?${query}`);
    return file ?? Refusal.of(status, body);
  }

  /** @param dryRun changes nothing; the report says what would be changed */
  async import({ text, mediaType }: ImportFile, dryRun: boolean): Promise<ImportReport | Refusal> {
    const query = new URLSearchParams({ dryRun: String(dryRun) });
    if (this.deviceId !== undefined) query.set('deviceId', this.deviceId);
    const path = `${PATH}/import?${query}`;
    const { status, body } = await this.files.upload(path, text, mediaType);
    return status === 200 ? (body as ImportReport) : Refusal.of(status, body);
  }
}
