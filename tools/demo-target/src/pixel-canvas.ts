export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Glyphs of 5 × 7 points: one base-32 digit per row, whose highest bit is the leftmost point. */
const GLYPHS: Readonly<Record<string, string>> = {
  ...{ A: 'ehhvhhh', B: 'uhhuhhu', C: 'ehggghe', D: 'uhhhhhu', E: 'vgguggv', F: 'vgguggg' },
  ...{ G: 'ehgnhhe', H: 'hhhvhhh', I: 'e44444e', J: '72222ic', K: 'hikokih', L: 'ggggggv' },
  ...{ M: 'hrllhhh', N: 'hhpljhh', O: 'ehhhhhe', P: 'uhhuggg', Q: 'ehhhlid', R: 'uhhukih' },
  ...{ S: 'fgge11u', T: 'v444444', U: 'hhhhhhe', V: 'hhhhha4', W: 'hhhllla', X: 'hha4ahh' },
  ...{ Y: 'hhha444', Z: 'v1248gv', 0: 'ehjlphe', 1: '4c4444e', 2: 'eh1248v', 3: 'v2421he' },
  ...{ 4: '26aiv22', 5: 'vgu11he', 6: '68guhhe', 7: 'v124888', 8: 'ehhehhe', 9: 'ehhf12c' },
  ...{ '+': '044v440', '-': '000v000', '.': '00000cc', '%': 'op248j3', ':': '0cc0cc0' },
};

const PANEL_FONT = {
  width: 5,
  height: 7,
  /** Points from the start of one glyph to the start of the next. */
  advance: 6,

  /** Whether a glyph has a point there. Characters without a glyph are blank. */
  hasPoint: (character: string, column: number, row: number): boolean => {
    const bits = parseInt(GLYPHS[character]?.[row] ?? '0', 32);
    return ((bits >> (PANEL_FONT.width - 1 - column)) & 1) === 1;
  },
} as const;

/** A drawing surface of 24-bit pixels, 0xRRGGBB. */
export class PixelCanvas {
  readonly pixels: Uint32Array;

  constructor(
    readonly width: number,
    readonly height: number,
  ) {
    this.pixels = new Uint32Array(width * height);
  }

  fill({ x, y, width, height }: Rectangle, colour: number): void {
    for (let row = y; row < y + height; row += 1) {
      this.pixels.fill(colour, row * this.width + x, row * this.width + x + width);
    }
  }

  disc(centreX: number, centreY: number, radius: number, colour: number): void {
    for (let row = -radius; row <= radius; row += 1) {
      const half = Math.floor(Math.sqrt(radius * radius - row * row));
      this.fill({ x: centreX - half, y: centreY + row, width: 2 * half + 1, height: 1 }, colour);
    }
  }

  /** Draws capitals, digits and a few symbols. Each point becomes a square of `scale` pixels. */
  text(x: number, y: number, text: string, scale: number, colour: number): void {
    [...text].forEach((character, index) => {
      const left = x + index * PANEL_FONT.advance * scale;
      for (let row = 0; row < PANEL_FONT.height; row += 1) {
        for (let column = 0; column < PANEL_FONT.width; column += 1) {
          if (!PANEL_FONT.hasPoint(character, column, row)) continue;
          const point = { x: left + column * scale, y: y + row * scale };
          this.fill({ ...point, width: scale, height: scale }, colour);
        }
      }
    });
  }

  /** Draws text centred in a rectangle. */
  label(place: Rectangle, text: string, scale: number, colour: number): void {
    const width = (text.length * PANEL_FONT.advance - 1) * scale;
    const x = place.x + Math.floor((place.width - width) / 2);
    const y = place.y + Math.floor((place.height - PANEL_FONT.height * scale) / 2);
    this.text(x, y, text, scale, colour);
  }
}
