/**
 * Writes one event as one line. Untrusted texts (host names, reasons) go into fields, where they
 * cannot forge a line. Connection keys and credentials are never logged.
 */
export type Log = (event: string, fields?: Readonly<Record<string, unknown>>) => void;

/** Writes JSON lines to standard output. */
export const logToStdout: Log = (event, fields = {}) => {
  const line = JSON.stringify({ time: new Date().toISOString(), event, ...fields });
  process.stdout.write(`${line}\n`);
};
