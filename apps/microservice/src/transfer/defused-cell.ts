/**
 * Spreadsheets run cells that begin with one of these (OWASP, CSV injection); a quote before them
 * makes a text of the cell.
 */
const RUNS = /^'*[=+\-@\t\r\n＝＋－＠]/;

/** Also a cell that looks as if it had been defused, so that each is restored to what it was. */
export function defused(cell: string): string {
  return RUNS.test(cell) ? `'${cell}` : cell;
}

export function restored(cell: string): string {
  return cell.startsWith("'") && RUNS.test(cell) ? cell.slice(1) : cell;
}
