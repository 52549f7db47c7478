import type { PixelCanvas, Rectangle } from './pixel-canvas';

export const PANEL_SIZE = { width: 640, height: 400 } as const;

const COLOURS = {
  case: 0x39424e,
  plate: 0x272e37,
  text: 0xe6e9ed,
  dim: 0x8a95a3,
  green: 0x2fbf5b,
  red: 0xe0443e,
  amber: 0xf0a92b,
  off: 0x4a5461,
  pressed: 0xffffff,
} as const;

type ButtonName = 'START' | 'STOP' | '-' | '+' | 'RESET';

interface Button extends Rectangle {
  readonly name: ButtonName;
  readonly colour: number;
}

const BUTTONS: readonly Button[] = [
  { name: 'START', x: 32, y: 304, width: 128, height: 64, colour: COLOURS.green },
  { name: 'STOP', x: 176, y: 304, width: 128, height: 64, colour: COLOURS.red },
  { name: '-', x: 336, y: 304, width: 64, height: 64, colour: COLOURS.off },
  { name: '+', x: 416, y: 304, width: 64, height: 64, colour: COLOURS.off },
  { name: 'RESET', x: 496, y: 304, width: 112, height: 64, colour: COLOURS.amber },
];

const SPEED_STEP = 10;
const MAX_SPEED = 100;
/** At full speed. */
const PIECES_PER_SECOND = 5;

/** A filling line with a front panel: the state that its buttons change, and its drawing. */
export class PanelMachine {
  private running = false;
  private speed = 50;
  private pieces = 0;
  private held: ButtonName | undefined;

  /** A mouse button or a finger is pressed. */
  press(x: number, y: number): void {
    this.held = BUTTONS.find(button => isInside(button, x, y))?.name;
    switch (this.held) {
      case 'START':
        this.running = true;
        return;
      case 'STOP':
        this.running = false;
        return;
      case '-':
        this.speed = Math.max(0, this.speed - SPEED_STEP);
        return;
      case '+':
        this.speed = Math.min(MAX_SPEED, this.speed + SPEED_STEP);
        return;
      case 'RESET':
        this.pieces = 0;
        return;
      case undefined:
        return;
      default:
        this.held satisfies never;
    }
  }

  release(): void {
    this.held = undefined;
  }

  /** Simulates the line for this long. */
  advance(milliseconds: number): void {
    if (!this.running) return;
    this.pieces += (milliseconds / 1000) * PIECES_PER_SECOND * (this.speed / MAX_SPEED);
  }

  draw(canvas: PixelCanvas): void {
    canvas.fill({ x: 0, y: 0, ...PANEL_SIZE }, COLOURS.case);
    canvas.fill({ x: 16, y: 16, width: 608, height: 56 }, COLOURS.plate);
    canvas.text(32, 30, 'FILLING LINE 1', 4, COLOURS.text);
    this.drawLamp(canvas, 504, 'RUN', this.running ? COLOURS.green : COLOURS.off);
    this.drawLamp(canvas, 568, 'STOP', this.running ? COLOURS.off : COLOURS.red);
    this.drawReading(canvas, 16, 'PIECES', String(Math.floor(this.pieces)).padStart(6, '0'));
    this.drawReading(canvas, 328, 'SPEED', `${this.speed} %`);
    this.drawSpeedBar(canvas);
    for (const button of BUTTONS) this.drawButton(canvas, button);
  }

  private drawLamp(canvas: PixelCanvas, x: number, name: string, colour: number): void {
    canvas.disc(x + 24, 36, 12, colour);
    canvas.label({ x, y: 54, width: 48, height: 14 }, name, 1, COLOURS.dim);
  }

  private drawReading(canvas: PixelCanvas, x: number, name: string, value: string): void {
    const place = { x, y: 88, width: 296, height: 120 };
    canvas.fill(place, COLOURS.plate);
    canvas.text(x + 16, 100, name, 2, COLOURS.dim);
    canvas.label({ ...place, y: 120, height: 80 }, value, 7, COLOURS.text);
  }

  private drawSpeedBar(canvas: PixelCanvas): void {
    canvas.fill({ x: 16, y: 224, width: 608, height: 48 }, COLOURS.plate);
    const width = Math.round((576 * this.speed) / MAX_SPEED);
    canvas.fill({ x: 32, y: 240, width: 576, height: 16 }, COLOURS.off);
    const colour = this.running ? COLOURS.green : COLOURS.dim;
    canvas.fill({ x: 32, y: 240, width, height: 16 }, colour);
  }

  private drawButton(canvas: PixelCanvas, button: Button): void {
    const isHeld = this.held === button.name;
    canvas.fill(button, isHeld ? COLOURS.pressed : COLOURS.plate);
    const { x, y, width, height } = button;
    const face = { x: x + 4, y: y + 4, width: width - 8, height: height - 8 };
    canvas.fill(face, button.colour);
    canvas.label(face, button.name, 3, COLOURS.text);
  }
}

function isInside({ x, y, width, height }: Rectangle, atX: number, atY: number): boolean {
  return atX >= x && atX < x + width && atY >= y && atY < y + height;
}
