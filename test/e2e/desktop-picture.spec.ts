import type { Page } from '@playwright/test';
import {
  type Area,
  copyRect,
  desktopSize,
  ENCODERS,
  framebufferUpdate,
  type Painting,
  rectangle,
  startScriptedVnc,
} from '@remote-access/testkit';
import { DESKTOP_PASSWORD, startQemu } from '../interop/servers/desktop-servers';
import { expect, test } from './test';
import { addVncEndpoint } from './vnc-endpoint';

/** One pixel wider than whole tiles of Hextile (16) and ZRLE (64), and than a byte can count. */
const WIDTH = 257;
const HEIGHT = 33;

/** Tiles of one colour next to tiles in which every pixel has its own. */
const painting =
  (shift: number): Painting =>
  (x, y) => {
    const [column, row] = [x >> 4, y >> 4];
    const isPlain = (column + row) % 2 === 0;
    const [across, down] = isPlain ? [column * 16, row * 16] : [x, y];
    return [(across + shift) & 255, (down * 3 + shift) & 255, (across * 7 + down * 5) & 255];
  };

/** What the screen shows, computed without an encoding. */
class Picture {
  private rows: (readonly [number, number, number])[][] = [];

  resize(width: number, height: number): void {
    this.rows = Array.from({ length: height }, (_, y) =>
      Array.from({ length: width }, (__, x) => this.rows[y]?.[x] ?? [0, 0, 0]),
    );
  }

  paint({ x, y, width, height }: Area, colour: Painting): void {
    for (let row = y; row < y + height; row += 1) {
      for (let column = x; column < x + width; column += 1) {
        this.rows[row]![column] = colour(column, row);
      }
    }
  }

  copy(area: Area, from: { readonly x: number; readonly y: number }): void {
    const before = this.rows.map(row => [...row]);
    this.paint(area, (x, y) => before[y - area.y + from.y]![x - area.x + from.x]!);
  }

  get rgba(): Buffer {
    return Buffer.from(this.rows.flat().flatMap(colour => [...colour, 255]));
  }
}

test('a picture in every lossless encoding is right to the pixel, with unrequested ones between', async ({
  page,
  stack,
  signIn,
}) => {
  const picture = new Picture();
  const sent: Buffer[] = [];
  const paint = (encoding: keyof typeof ENCODERS, area: Area, shift: number): void => {
    picture.paint(area, painting(shift));
    sent.push(ENCODERS[encoding](area, painting(shift)));
  };
  const whole = { x: 0, y: 0, width: 320, height: 200 };
  picture.resize(whole.width, whole.height);
  paint('Raw', whole, 0);
  // The type of the pointer has changed (QEMU); the width and height mean nothing.
  sent.push(rectangle({ x: 1, y: 0, width: 320, height: 200 }, -257));
  // An X cursor of 16 by 2 pixels, whose data has to be skipped.
  sent.push(rectangle({ x: 0, y: 0, width: 16, height: 2 }, -240, Buffer.alloc(14, 0xff)));
  sent.push(desktopSize(300, 300));
  picture.resize(300, 300);
  paint('Raw', { x: 0, y: 200, width: 300, height: 100 }, 0);
  (['RRE', 'Hextile', 'Zlib', 'Tight', 'ZRLE'] as const).forEach((encoding, at) => {
    paint(encoding, { x: 16, y: at * 48, width: WIDTH, height: HEIGHT }, 50 * (at + 1));
  });
  const copied = { x: 40, y: 240, width: WIDTH, height: HEIGHT };
  picture.copy(copied, { x: 8, y: 20 });
  sent.push(copyRect(copied, { x: 8, y: 20 }));
  // The position of the pointer, after everything else.
  sent.push(rectangle({ x: 7, y: 7, width: 0, height: 0 }, -232));

  const server = await startScriptedVnc({
    version: '003.008',
    picture: framebufferUpdate(...sent),
  });
  try {
    await signIn('engineer');
    await page.goto(sessionOf(await addVncEndpoint(stack, 'Scripted picture', server.port)));
    await expect(page.getByText(/\d+ frames\/s/)).toBeVisible();
    await expect.poll(() => firstDifference(page, picture.rgba, 300)).toBe('none');
  } finally {
    await server.stop();
  }
});

test('an encoding of unknown length ends the session with that reason', async ({
  page,
  stack,
  signIn,
}) => {
  const area = { x: 0, y: 0, width: 16, height: 2 };
  const picture = framebufferUpdate(rectangle(area, -9999));
  const server = await startScriptedVnc({ version: '003.008', picture });
  try {
    await signIn('engineer');
    await page.goto(sessionOf(await addVncEndpoint(stack, 'Unknown encoding', server.port)));
    const reason = 'the server used the encoding -9999, which was not requested';
    await expect(page.getByText(reason)).toBeVisible();
    await expect(page.getByRole('button', { name: 'Reconnect' })).toBeVisible();
  } finally {
    await server.stop();
  }
});

test('the screen of a virtual machine is shown, and it gets keys', async ({
  page,
  stack,
  signIn,
}) => {
  const machine = await startQemu();
  try {
    await signIn('engineer');
    const id = await addVncEndpoint(stack, 'Machine', machine.port, DESKTOP_PASSWORD);
    await page.goto(sessionOf(id));
    await expect(page.getByText(/\d+ frames\/s/)).toBeVisible();
    // The text mode of a PC, to which the screen changes during the session.
    await expect.poll(() => sizeOf(page)).toBe('720x400');
    await expect(async () => {
      // The machine may still be starting.
      await page.locator('canvas').focus();
      await page.keyboard.press('a');
      const [red, green, blue] = await centreOf(page);
      expect([red! < 0x40, green! > 0x80, blue! < 0x40]).toEqual([true, true, true]);
    }).toPass();
  } finally {
    await machine.stop();
  }
});

const sessionOf = (id: string): string =>
  `/apps/devicemanagement/index.html#/device/1001/remote-access/${id}`;

/** Where the canvas differs from a picture of RGBA pixels, row by row. */
async function firstDifference(page: Page, wanted: Buffer, width: number): Promise<string> {
  const shown = await page.locator('canvas').evaluate((canvas: HTMLCanvasElement) => {
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    return [...data];
  });
  if (shown.length !== wanted.length) return `${shown.length / 4} pixels`;
  const at = shown.findIndex((value, index) => value !== wanted[index]);
  if (at < 0) return 'none';
  const pixel = at >> 2;
  const colour = (bytes: readonly number[]): string => bytes.slice(pixel * 4, pixel * 4 + 4).join();
  return `(${pixel % width}, ${Math.floor(pixel / width)}): ${colour(shown)}, not ${colour([...wanted])}`;
}

async function sizeOf(page: Page): Promise<string> {
  const canvas = page.locator('canvas');
  return canvas.evaluate(({ width, height }: HTMLCanvasElement) => `${width}x${height}`);
}

/** Red, green, blue. */
async function centreOf(page: Page): Promise<number[]> {
  return page.locator('canvas').evaluate((canvas: HTMLCanvasElement) => {
    const [x, y] = [canvas.width >> 1, canvas.height >> 1];
    return [...canvas.getContext('2d')!.getImageData(x, y, 1, 1).data];
  });
}
