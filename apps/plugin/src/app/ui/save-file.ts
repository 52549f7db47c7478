/**
 * Time for the browser to start the download; the object URL keeps the file in memory until then.
 */
const REVOKE_AFTER_MS = 60_000;

/** Downloads a file, which the browser saves as usual. */
export function saveFile(file: Blob, name: string): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), REVOKE_AFTER_MS);
}
