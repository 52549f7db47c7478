import { text } from 'node:stream/consumers';
import { IMPORT_OUTCOMES, type ImportReport } from '@remote-access/contracts';
import type { Command } from 'commander';
import { GatewayDirectory } from '../directory/gateway-directory';
import { CliFailure, EXIT_CODES, ProgramEnded } from '../failures/failure';
import { readUserFile, writeUserFile } from '../files/user-file';
import { SERVICE } from '../platform/platform-client';
import { Context, type GlobalOptions, type Surroundings } from './context';

const FORMATS = ['csv', 'json'] as const;
type Format = (typeof FORMATS)[number];

interface ExportOptions extends GlobalOptions {
  readonly format?: string;
  readonly output?: string;
}

interface ImportOptions extends GlobalOptions {
  readonly format?: string;
  readonly gateway?: string;
  readonly dryRun?: boolean;
}

/** Commands for the endpoints of a whole fleet. */
export function addTransferCommands(program: Command, surroundings: Surroundings): void {
  program
    .command('export')
    .summary('write endpoints of many gateways to a file')
    .description('Writes the endpoints of the named gateways, or of all, without secrets.')
    .argument('[gateways...]', 'ids, serial numbers or names; all by default')
    .option('-o, --output <file>', 'file to write; stdout by default')
    .option('--format <format>', 'csv or json; by default from the name of the file, or csv')
    .action(async (gateways: string[], _options: unknown, command: Command) => {
      const context = Context.of(command, surroundings);
      const options = command.optsWithGlobals<ExportOptions>();
      const format = formatOf(options.format, options.output);
      const client = await context.client();
      const directory = new GatewayDirectory(client);
      const ids: string[] = [];
      for (const one of gateways) ids.push((await directory.find(one)).id);
      const query = new URLSearchParams({
        format,
        ...(ids.length > 0 && { deviceIds: ids.join() }),
      });
      const body = await client.json<string | object | null>(
        'GET',
        `${SERVICE}/configurations/export?${query.toString()}`,
        'The endpoints cannot be exported',
        { accept: format === 'csv' ? 'text/csv' : 'application/json' },
      );
      const content = typeof body === 'string' ? body : `${JSON.stringify(body, null, 2)}\n`;
      if (options.output === undefined) surroundings.streams.stdout.write(content);
      else writeUserFile(options.output, content);
    });

  program
    .command('import')
    .summary('add and change endpoints from a file')
    .description(
      'Adds and changes endpoints from a CSV or JSON file. Lines with an id change the fields that ' +
        'they contain. Each line is independent; if one is refused, the exit code is ' +
        `${EXIT_CODES.unexpected}.`,
    )
    .argument('<file>', 'file to read, "-" for stdin')
    .option('--gateway <gateway>', 'the gateway of all lines')
    .option('--format <format>', 'csv or json; by default from the name of the file, or csv')
    .option('--dry-run', 'report what would happen, and change nothing')
    .action(async (file: string, _options: unknown, command: Command) => {
      const context = Context.of(command, surroundings);
      const options = command.optsWithGlobals<ImportOptions>();
      const isCsv = formatOf(options.format, file) === 'csv';
      const content = file === '-' ? await text(surroundings.stdin) : readUserFile(file);
      const client = await context.client();
      const gateway =
        options.gateway === undefined
          ? undefined
          : await new GatewayDirectory(client).find(options.gateway);
      const query = new URLSearchParams({
        dryRun: String(options.dryRun ?? false),
        ...(gateway && { deviceId: gateway.id }),
      });
      const report = await client.json<ImportReport>(
        'POST',
        `${SERVICE}/configurations/import?${query.toString()}`,
        'The endpoints cannot be imported',
        { text: { type: isCsv ? 'text/csv' : 'application/json', content } },
      );
      showReport(context, report);
      if (report.counts.refused > 0) throw new ProgramEnded(EXIT_CODES.unexpected);
    });
}

function showReport({ output }: Context, report: ImportReport): void {
  if (output.isJson) return output.json(report);
  output.rows(
    report.lines,
    {
      LINE: one => one.line,
      GATEWAY: one => one.deviceId,
      ID: one => one.endpointId,
      NAME: one => one.name,
      OUTCOME: one => one.outcome,
      REASON: one => one.message,
    },
    'The file has no lines.',
  );
  const counts = IMPORT_OUTCOMES.map(outcome => `${report.counts[outcome]} ${outcome}`).join(', ');
  output.note(
    report.dryRun ? `Nothing was changed. The result would be: ${counts}.` : `${counts}.`,
  );
}

function formatOf(chosen: string | undefined, file: string | undefined): Format {
  const name = chosen ?? (/\.json$/i.test(file ?? '') ? 'json' : 'csv');
  const format = FORMATS.find(one => one === name);
  if (format) return format;
  throw new CliFailure('usage', 'The format is csv or json.');
}
