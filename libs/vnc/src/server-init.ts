import { BIG_ENDIAN } from './big-endian';
import { read, send, type Handshake } from './handshake';

export interface ScreenSize {
  readonly width: number;
  readonly height: number;
}

/**
 * The server's last words of the handshake, after the client's (RFC 6143, section 7.3).
 *
 * @param pixelFormat sixteen bytes
 * @returns whether the client lets others stay
 */
export function* serverInit(
  { width, height }: ScreenSize,
  pixelFormat: Uint8Array,
  name: string,
): Handshake<boolean> {
  const [shared] = yield* read(1, 'whether the screen is shared');
  const text = new TextEncoder().encode(name);
  yield* send(
    BIG_ENDIAN.uint16(width),
    BIG_ENDIAN.uint16(height),
    pixelFormat,
    BIG_ENDIAN.uint32(text.length),
    text,
  );
  return shared !== 0;
}
