import { constants, deflateSync } from 'node:zlib';
import { uint16, uint32 } from './vnc-peer';

export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The colour of a pixel of the screen: red, green, blue. */
export type Painting = (x: number, y: number) => readonly [number, number, number];

/** Sides of the tiles of Hextile and ZRLE (RFC 6143, sections 7.7.4 and 7.7.6). */
const HEXTILE_SIDE = 16;
const ZRLE_SIDE = 64;

/** FramebufferUpdate (RFC 6143, section 7.6.1). */
export function framebufferUpdate(...rectangles: readonly Buffer[]): Buffer {
  return Buffer.concat([Buffer.of(0, 0), uint16(rectangles.length), ...rectangles]);
}

/** A rectangle in any encoding, including pseudo-encodings. */
export function rectangle(area: Area, encoding: number, ...data: readonly Buffer[]): Buffer {
  const { x, y, width, height } = area;
  return Buffer.concat([...[x, y, width, height].map(uint16), uint32(encoding >>> 0), ...data]);
}

/** From here on the screen has this size. */
export function desktopSize(width: number, height: number): Buffer {
  return rectangle({ x: 0, y: 0, width, height }, -223);
}

export function copyRect(area: Area, from: Pick<Area, 'x' | 'y'>): Buffer {
  return rectangle(area, 1, uint16(from.x), uint16(from.y));
}

/**
 * Encoders for a painting, lossless. Those that compress start a new zlib stream, so a client gets
 * one rectangle of each.
 */
export const ENCODERS = {
  Raw: (area, painting) => rectangle(area, 0, pixels(area, painting)),

  RRE: (area, painting) => {
    const { x, y, width, height } = area;
    const background = pixel(painting(x, y));
    const parts = cells(area, 1).map(one =>
      Buffer.concat([pixel(painting(one.x, one.y)), ...[one.x - x, one.y - y, 1, 1].map(uint16)]),
    );
    return rectangle(area, 2, uint32(width * height), background, ...parts);
  },

  Hextile: (area, painting) => {
    const tiles = cells(area, HEXTILE_SIDE).map(tile => {
      const [first, ...rest] = colours(tile, painting);
      // "Background specified", or raw.
      return rest.every(one => one.equals(first!))
        ? Buffer.concat([Buffer.of(2), first!])
        : Buffer.concat([Buffer.of(1), pixels(tile, painting)]);
    });
    return rectangle(area, 5, ...tiles);
  },

  Zlib: (area, painting) => rectangle(area, 6, ...counted(pixels(area, painting))),

  /** The type "basic" without a filter. */
  Tight: (area, painting) => {
    const data = zlibStream(pixels(area, painting, 3));
    const length = Buffer.of(
      (data.length & 0x7f) | 0x80,
      ((data.length >> 7) & 0x7f) | 0x80,
      data.length >> 14,
    );
    return rectangle(area, 7, Buffer.of(0), length, data);
  },

  ZRLE: (area, painting) => {
    const tiles = cells(area, ZRLE_SIDE).map(tile => {
      const [first, ...rest] = colours(tile, painting, 3);
      // A solid tile, or raw.
      return rest.every(one => one.equals(first!))
        ? Buffer.concat([Buffer.of(1), first!])
        : Buffer.concat([Buffer.of(0), pixels(tile, painting, 3)]);
    });
    return rectangle(area, 16, ...counted(Buffer.concat(tiles)));
  },
} satisfies Record<string, (area: Area, painting: Painting) => Buffer>;

/** The cells of a grid of squares that begins at the top left corner, row by row. */
function cells({ x, y, width, height }: Area, side: number): Area[] {
  const found: Area[] = [];
  for (let top = 0; top < height; top += side) {
    for (let left = 0; left < width; left += side) {
      found.push({
        x: x + left,
        y: y + top,
        width: Math.min(side, width - left),
        height: Math.min(side, height - top),
      });
    }
  }
  return found;
}

function colours(area: Area, painting: Painting, bytes?: number): Buffer[] {
  return cells(area, 1).map(one => pixel(painting(one.x, one.y), bytes));
}

function pixels(area: Area, painting: Painting, bytes?: number): Buffer {
  return Buffer.concat(colours(area, painting, bytes));
}

/** In the pixel format that noVNC sets: 32 bits, little-endian, red first; compact ones have 24. */
function pixel(colour: readonly [number, number, number], bytes = 4): Buffer {
  return Buffer.from([...colour, 0].slice(0, bytes));
}

function counted(data: Buffer): [Buffer, Buffer] {
  const stream = zlibStream(data);
  return [uint32(stream.length), stream];
}

/** The beginning of a zlib stream that goes on. */
function zlibStream(data: Buffer): Buffer {
  return deflateSync(data, { finishFlush: constants.Z_SYNC_FLUSH });
}
