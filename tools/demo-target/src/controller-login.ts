import { StringDecoder } from 'node:string_decoder';
import { OldController } from './old-controller';

/**
 * Runs the controller on the program's own terminal. telnetd starts this program instead of
 * `login`.
 */
function main(): void {
  const { stdin, stdout } = process;
  stdin.setRawMode(true);
  const controller = new OldController({
    // libuv's raw mode still turns LF into CR LF.
    write: text => void stdout.write(text.replaceAll('\r\n', '\n')),
    size: () => ({ cols: stdout.columns, rows: stdout.rows }),
    type: () => process.env['TERM'] ?? 'unknown',
    hangUp: () => process.exit(0),
  });
  const decoder = new StringDecoder('utf8');
  stdin.on('data', (chunk: Buffer) => controller.typed(decoder.write(chunk)));
  stdin.on('end', () => process.exit(0));
  stdout.on('resize', () => controller.resized());
}

main();
