import { PANEL_FONT } from './panel-font';

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Pixels of 24 bits, 0xRRGGBB, to draw on. */
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

  /** Writes capitals, digits and a few signs, each point of a letter as a square of `scale` pixels. */
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

  /** Text in the middle of a rectangle. */
  label(place: Rectangle, text: string, scale: number, colour: number): void {
    const width = (text.length * PANEL_FONT.advance - 1) * scale;
    const x = place.x + Math.floor((place.width - width) / 2);
    const y = place.y + Math.floor((place.height - PANEL_FONT.height * scale) / 2);
    this.text(x, y, text, scale, colour);
  }
}
