type Draw = (bytes: Uint8Array<ArrayBuffer>, drawn: () => void) => void;

/**
 * Output that arrives while the viewer still loads. Nothing of it counts as drawn, so the service
 * stops after the window of its flow control (docs/wire.md).
 */
export class EarlyOutput {
  private waiting: Parameters<Draw>[] | undefined = [];

  /** @param show of the viewer; not called before {@link viewerIsReady} */
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
