declare module 'bufferutil' {
  /** Writes `length` masked bytes of `source` to `output` at `offset`. */
  export function mask(
    source: Uint8Array,
    mask: Buffer,
    output: Buffer,
    offset: number,
    length: number,
  ): void;
}
