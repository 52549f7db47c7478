/**
 * Writes down an event, one line each. Texts of others (host names, reasons) go into fields, where
 * they cannot look like lines of their own. Connection keys and credentials are never among them.
 */
export type Log = (event: string, fields?: Readonly<Record<string, unknown>>) => void;

/** Lines of JSON on standard output, for whoever collects them. */
export const logToStdout: Log = (event, fields = {}) => {
  const line = JSON.stringify({ time: new Date().toISOString(), event, ...fields });
  process.stdout.write(`${line}\n`);
};
