/** Where a PIXEL_FORMAT has the maximum and the shift of red, green and blue. */
const COMPONENTS = [
  [4, 10],
  [6, 11],
  [8, 12],
] as const;

/** The pixel format that a client requests (RFC 6143, section 7.4). */
export class PixelFormat {
  /** 32 bits, 0xRRGGBB, little-endian; announced, and used until a client requests another. */
  static readonly USUAL = new PixelFormat(
    Uint8Array.of(32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0),
  );

  private readonly view: DataView;

  /** @param bytes the sixteen bytes of PIXEL_FORMAT */
  constructor(readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /**
   * Whether pixels can be written: in true colour, whose components fit into a pixel. Colour maps
   * are not supported; no current viewer needs one.
   */
  get isServed(): boolean {
    const { bitsPerPixel } = this;
    const fits = ([maximumAt, shiftAt]: readonly [number, number]): boolean =>
      this.view.getUint16(maximumAt) * 2 ** this.view.getUint8(shiftAt) < 2 ** bitsPerPixel;
    return this.bytes[3] !== 0 && [8, 16, 32].includes(bitsPerPixel) && COMPONENTS.every(fits);
  }

  get bytesPerPixel(): number {
    return this.bitsPerPixel / 8;
  }

  /** Writes one pixel of 0xRRGGBB. */
  write(target: Buffer, at: number, colour: number): void {
    const [red, green, blue] = COMPONENTS;
    const value =
      (this.component(colour >> 16, red) |
        this.component(colour >> 8, green) |
        this.component(colour, blue)) >>>
      0;
    const { bytesPerPixel } = this;
    if (this.bytes[2] === 0) target.writeUIntLE(value, at, bytesPerPixel);
    else target.writeUIntBE(value, at, bytesPerPixel);
  }

  private component(value: number, [maximumAt, shiftAt]: readonly [number, number]): number {
    const scaled = Math.round(((value & 0xff) * this.view.getUint16(maximumAt)) / 0xff);
    return scaled << this.view.getUint8(shiftAt);
  }

  private get bitsPerPixel(): number {
    return this.bytes[0] ?? 0;
  }
}
