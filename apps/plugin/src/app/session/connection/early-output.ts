type Draw = (bytes: Uint8Array<ArrayBuffer>, drawn: () => void) => void;

/**
 * Buffers output that arrives while the viewer is still loading. None of it counts as rendered, so
 * the service stops once its flow control window is full (docs/wire.md).
 */
export class EarlyOutput {
  private waiting: Parameters<Draw>[] | undefined = [];

  /** @param show draws in the viewer; not called before {@link viewerIsReady} */
  constructor(private readonly show: Draw) {}

  readonly draw: Draw = (bytes, drawn) => {
    if (this.waiting) this.waiting.push([bytes, drawn]);
    else this.show(bytes, drawn);
  };

  viewerIsReady(): void {
    const { waiting = [] } = this;
    this.waiting = undefined;
    for (const output of waiting) this.show(...output);
  }
}
