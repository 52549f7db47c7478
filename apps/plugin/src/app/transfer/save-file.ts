/** Long enough for a browser to begin; the address holds the file in memory. */
const FORGET_AFTER_MS = 60_000;

/** Gives a file to the browser, which saves it as downloads are saved. */
export function saveFile(file: Blob, name: string): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), FORGET_AFTER_MS);
}
