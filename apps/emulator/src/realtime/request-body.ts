import type { IncomingMessage } from 'node:http';
import { PlatformRefusal } from '../auth/platform-refusal';

/** Far more than clients send; they subscribe to a few channels at a time. */
export const MAX_BODY_BYTES = 64 * 1024;

/** A request as express hands it over, its body parsed or not. */
export type ParsedRequest = IncomingMessage & { originalUrl?: string; body?: unknown };

/** Reads a JSON body, unless somebody before has. */
export async function readJson(request: ParsedRequest): Promise<unknown> {
  if (request.body !== undefined) return request.body;
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      chunks.push(chunk as Buffer);
      bytes += (chunk as Buffer).length;
      if (bytes > MAX_BODY_BYTES) return tooLarge();
    }
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return new PlatformRefusal(400, 'notification/Bad Request', 'The body is no JSON');
  }
}

function tooLarge(): PlatformRefusal {
  return new PlatformRefusal(413, 'notification/Payload Too Large', 'The body is too large');
}
