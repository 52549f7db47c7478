import { createWriteStream } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import busboy from 'busboy';
import { type PlatformRefusal, refusals } from '../auth/platform-refusal';

/** The platform's default. */
const MAX_FILE_BYTES = 500 * 1024 * 1024;

const MAX_FIELD_BYTES = 64 * 1024;

/**
 * Reads a form with one file (RFC 7578).
 *
 * @param file where the file is written
 * @returns the other fields
 */
export async function readForm(
  request: IncomingMessage,
  file: string,
): Promise<ReadonlyMap<string, string> | PlatformRefusal> {
  const limits = { files: 1, fields: 10, fileSize: MAX_FILE_BYTES, fieldSize: MAX_FIELD_BYTES };
  let form: busboy.Busboy;
  try {
    form = busboy({ headers: request.headers, limits });
  } catch (cause) {
    return refusals.badRequest(`The body is not a form: ${(cause as Error).message}`);
  }
  const fields = new Map<string, string>();
  let writing: Promise<void> | undefined;
  let isTooLarge = false;
  form.on('field', (name, value) => fields.set(name, value));
  form.on('file', (_name, stream) => {
    stream.on('limit', () => (isTooLarge = true));
    writing = pipeline(stream, createWriteStream(file));
    // Awaited below, unless the form itself is malformed.
    writing.catch(() => undefined);
  });
  try {
    await pipeline(request, form);
    await writing;
  } catch (cause) {
    return refusals.badRequest(`The upload is incomplete: ${(cause as Error).message}`);
  }
  if (isTooLarge) return refusals.tooLarge();
  return writing ? fields : refusals.badRequest('The form has no file');
}
