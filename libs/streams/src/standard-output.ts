/**
 * Makes a service go on while its log cannot be written, because the disk is full or the program that
 * read it has ended. Without a listener, Node ends the process on the first such write. Later lines
 * are written again as soon as that is possible.
 */
export function surviveLostOutput(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
}
