/** Twice what the longest field takes. */
const MAX_BYTES = 131_072;

/** The text of a small file. Longer ones are cut: the field then says that it is too long. */
export function fileText(file: File): Promise<string> {
  return file.slice(0, MAX_BYTES).text();
}
