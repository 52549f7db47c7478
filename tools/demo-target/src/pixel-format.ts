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

  /** Colour maps are not supported; no current viewer needs one. */
  get isServed(): boolean {
    const { bitsPerPixel } = this;
    return (
      this.bytes[3] !== 0 && (bitsPerPixel === 8 || bitsPerPixel === 16 || bitsPerPixel === 32)
    );
  }

  get bytesPerPixel(): number {
    return this.bitsPerPixel / 8;
  }

  /** Writes one pixel of 0xRRGGBB. */
  write(target: Buffer, at: number, colour: number): void {
    const value =
      (this.component(colour >> 16, 4, 10) |
        this.component(colour >> 8, 6, 11) |
        this.component(colour, 8, 12)) >>>
      0;
    const { bytesPerPixel } = this;
    if (this.bytes[2] === 0) target.writeUIntLE(value, at, bytesPerPixel);
    else target.writeUIntBE(value, at, bytesPerPixel);
  }

  private component(value: number, maximumAt: number, shiftAt: number): number {
    const scaled = Math.round(((value & 0xff) * this.view.getUint16(maximumAt)) / 0xff);
    return scaled << (this.bytes[shiftAt] ?? 0);
  }

  private get bitsPerPixel(): number {
    return this.bytes[0] ?? 0;
  }
}
