import { gettext, type Words } from '../ui/words';

/** What the service takes at once. */
const MOST_BYTES = 1_048_576;

/** A file that somebody chose, as the service takes it. */
export interface ImportFile {
  readonly name: string;
  readonly text: string;
  readonly mediaType: 'application/json' | 'text/csv';
}

/** Reads a file of the user's; it is looked at by the service, not here. */
export async function readImportFile(file: File): Promise<ImportFile | Words> {
  if (file.size === 0) return { text: gettext('The file is empty.') };
  if (file.size > MOST_BYTES) {
    return { text: gettext('The file is larger than 1 MiB. Import it in parts.') };
  }
  try {
    const text = await file.text();
    const isJson = /^\s*[[{]/.test(text.replace(/^\ufeff/, ''));
    const mediaType = isJson ? 'application/json' : 'text/csv';
    return { name: file.name, text: isJson ? text.replace(/^\ufeff/, '') : text, mediaType };
  } catch {
    // Gone or changed since it was chosen.
    return { text: gettext('The file cannot be read. Choose it again.') };
  }
}

export function isImportFile(read: ImportFile | Words): read is ImportFile {
  return 'mediaType' in read;
}
