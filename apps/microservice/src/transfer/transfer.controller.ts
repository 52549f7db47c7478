import { Controller, Get, HttpCode, Module, Post, Req, Res, StreamableFile } from '@nestjs/common';
import { ApiQuery } from '@nestjs/swagger';
import {
  type ImportReport,
  orThrow,
  printableList,
  type Refusal,
  RemoteAccessError,
  TRANSFER_LIMITS,
} from '@remote-access/contracts';
import type { Request, Response } from 'express';
import { AccessPolicy } from '../access/access-policy';
import type { Caller } from '../access/caller';
import { AuditTrail } from '../audit/audit-trail';
import { ApiRoute } from '../api-description/api-route';
import { IMPORT_EXAMPLE, REPORT_EXAMPLE } from '../api-description/endpoint-schemas';
import { schemaRef } from '../api-description/schemas';
import { EndpointListWriter } from '../endpoints/endpoint-list-writer';
import { RequestBodies } from '../http/request-body';
import { MemoryBudget, Reservation } from '../memory/memory-budget';
import { CallerCredentials } from '../platform/caller-credentials';
import { csvStream, readCsv } from './csv-file';
import { EndpointExporter, type ExportedEndpoint } from './endpoint-exporter';
import { EndpointImporter } from './endpoint-importer';
import { assignDevice, isDeviceId, readJsonRows } from './transfer-row';

const ROWS = { type: 'array', items: schemaRef('TransferredEndpoint') };

/** Exports and imports the endpoints of many gateways as files that users can edit. */
@Controller('configurations')
export class TransferController {
  constructor(
    private readonly access: AccessPolicy,
    private readonly exporter: EndpointExporter,
    private readonly importer: EndpointImporter,
    private readonly writer: EndpointListWriter,
    private readonly bodies: RequestBodies,
    private readonly audit: AuditTrail,
    private readonly memory: MemoryBudget,
  ) {}

  @Get('export')
  @ApiQuery({ name: 'format', required: false, enum: ['csv', 'json'] })
  @ApiQuery({
    name: 'deviceIds',
    required: false,
    type: String,
    description: 'Separated by commas.',
  })
  @ApiRoute({
    summary: 'Exports the endpoints of many gateways, without secrets',
    details: 'Of the given gateways, or of all that the caller may see.',
    answers: [
      {
        status: 200,
        text: 'JSON, or CSV with a header.',
        schema: ROWS,
        example: [IMPORT_EXAMPLE],
        texts: ['text/csv'],
      },
    ],
    refusals: [
      'malformed-request',
      'forbidden',
      'device-not-found',
      'payload-too-large',
      'too-many-requests',
    ],
  })
  async export(
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ExportedEndpoint[] | StreamableFile> {
    const { caller, credentials } = await this.signedIn(request);
    orThrow(this.access.mayRead(caller));
    const { format, deviceIds } = orThrow(readExportQuery(queryOf(request)));
    const memory = new Reservation(this.memory, caller);
    response.once('close', () => memory.release());
    const rows = orThrow(await this.exporter.export(credentials, deviceIds, memory));
    await this.recordExport(caller, rows, format);
    const disposition = `attachment; filename="endpoints.${format}"`;
    if (format === 'csv') {
      return new StreamableFile(csvStream(rows), { type: 'text/csv; charset=utf-8', disposition });
    }
    response.setHeader('Content-Disposition', disposition);
    return rows;
  }

  @Post('import')
  @HttpCode(200)
  @ApiQuery({
    name: 'dryRun',
    required: false,
    type: Boolean,
    description: 'Reports without changing anything.',
  })
  @ApiQuery({
    name: 'deviceId',
    required: false,
    type: String,
    description: 'The gateway of all lines.',
  })
  @ApiRoute({
    summary: 'Adds and changes endpoints of many gateways',
    details:
      'A line with an id changes the fields it contains; a line without adds an endpoint. ' +
      `Lines are independent, and the report covers each of them. The limit is ${TRANSFER_LIMITS.lines} lines.`,
    body: {
      schema: ROWS,
      example: [IMPORT_EXAMPLE],
      mediaTypes: ['application/json', 'text/csv'],
    },
    answers: [
      {
        status: 200,
        text: 'The outcome of each line.',
        schema: schemaRef('ImportReport'),
        example: REPORT_EXAMPLE,
      },
    ],
    refusals: ['forbidden'],
  })
  async import(@Req() request: Request): Promise<ImportReport> {
    const { caller, credentials } = await this.signedIn(request, this.writer.refusal());
    orThrow(this.access.mayConfigureSome(caller));
    const { dryRun, deviceId } = orThrow(readImportQuery(queryOf(request)));
    const body = await this.bodies.read(request, caller);
    const { lines } = TRANSFER_LIMITS;
    const read = orThrow(
      typeof body === 'string'
        ? await readCsv(body, lines, deviceId === undefined)
        : readJsonRows(body, lines),
    );
    const rows = deviceId === undefined ? read : assignDevice(deviceId, read);
    return this.importer.import(caller, credentials, rows, dryRun);
  }

  private async recordExport(
    { tenant, userName: user }: Caller,
    rows: readonly ExportedEndpoint[],
    format: string,
  ): Promise<void> {
    const gateways = new Set(rows.map(({ deviceId }) => deviceId)).size;
    const activity = 'Remote access endpoints exported';
    const text = `${rows.length} endpoints of ${gateways} gateways exported as ${format}, without secrets`;
    await this.audit.record(tenant, { type: 'Inventory', activity, text, user });
  }

  /** @param refusal of any user, known without asking the platform */
  private async signedIn(
    request: Request,
    refusal?: Refusal,
  ): Promise<{ caller: Caller; credentials: CallerCredentials }> {
    const credentials = CallerCredentials.from(request);
    if (!credentials) throw new RemoteAccessError('unauthenticated');
    orThrow(refusal);
    return { caller: orThrow(await this.access.caller(credentials)), credentials };
  }
}

function queryOf({ originalUrl }: Request): URLSearchParams {
  const start = originalUrl.indexOf('?');
  return new URLSearchParams(start < 0 ? '' : originalUrl.slice(start + 1));
}

export interface ExportQuery {
  readonly format: 'csv' | 'json';
  /** `undefined` for every gateway that the caller may see. */
  readonly deviceIds: readonly string[] | undefined;
}

/** @returns `malformed-request` */
export function readExportQuery(query: URLSearchParams): ExportQuery | Refusal {
  const format = query.get('format') ?? 'json';
  if (format !== 'csv' && format !== 'json') return malformed('format must be csv or json');
  const list = query.get('deviceIds');
  if (list === null) return { format, deviceIds: undefined };
  const deviceIds = [...new Set(list.split(',').filter(id => id !== ''))];
  const { namedDevices } = TRANSFER_LIMITS;
  if (deviceIds.length === 0 || deviceIds.length > namedDevices) {
    return malformed(`deviceIds must list 1 to ${namedDevices} devices`);
  }
  const invalid = deviceIds.filter(id => !isDeviceId(id));
  return invalid.length > 0
    ? malformed(`Not a device id: ${printableList(invalid)}`)
    : { format, deviceIds };
}

export interface ImportQuery {
  readonly dryRun: boolean;
  /** The gateway of all rows; `undefined` if each row names its own. */
  readonly deviceId: string | undefined;
}

/** @returns `malformed-request` */
export function readImportQuery(query: URLSearchParams): ImportQuery | Refusal {
  const dryRun = query.get('dryRun') ?? 'false';
  // A typo must not turn a dry run into an import.
  if (dryRun !== 'true' && dryRun !== 'false') return malformed('dryRun must be true or false');
  const deviceId = query.get('deviceId') ?? undefined;
  if (deviceId !== undefined && !isDeviceId(deviceId)) {
    return malformed('deviceId must be the id of a device');
  }
  return { dryRun: dryRun === 'true', deviceId };
}

function malformed(reason: string): Refusal {
  return new RemoteAccessError('malformed-request', { detail: `${reason}.` });
}

@Module({ controllers: [TransferController], providers: [EndpointExporter, EndpointImporter] })
export class TransferModule {}
