import type { Signal, TemplateRef } from '@angular/core';

/** What a session requires of a viewer: it draws output and accepts input. */
export interface SessionViewer {
  /** The viewer's tools, for the bar of the session. */
  readonly tools: Signal<TemplateRef<unknown>>;
  /** Size of the terminal, in cells. */
  readonly size: { cols: number; rows: number };
  /** Resolves once the page that shows it has its final layout, or does not come to rest. */
  settled?(): Promise<void>;
  /**
   * Loads the drawing library. Rejects if that fails: offline, or the plugin was updated.
   * @param connecting until it resolves, postpone work that would delay the page's requests
   * @param expected what its size will be, if that is known
   */
  load(connecting: Promise<void>, expected?: SessionViewer['size']): Promise<void>;
  /** Resolves once its size is the one that fits into the page. */
  fitted?(): Promise<void>;
  /** Draws output in order, and calls `drawn` once it is processed. */
  draw(bytes: Uint8Array<ArrayBuffer>, drawn: () => void): void;
  /** What is displayed, as output that reproduces it. */
  snapshot?(): string | undefined;
  restore?(snapshot: string): void;
  /** The visible screen without the scrollback, limited in size. */
  visibleScreen?(): string | undefined;
  /** The connection is lost. The screen stays, marked as outdated. */
  sessionInterrupted?(): void;
  sessionOpened?(): void;
  /** The user is ending the session, which still accepts input. */
  sessionEnding?(): void;
  sessionEnded(): void;
  /** Prepares for the next session. What can stay on the screen stays. */
  reset(): void;
  focus(): void;
}

/**
 * Buffers output that arrives while the viewer is still loading. None of it counts as rendered, so
 * the service stops once its flow control window is full (docs/wire.md).
 */
export class EarlyOutput {
  private waiting: Parameters<SessionViewer['draw']>[] | undefined = [];

  /** @param show draws in the viewer; not called before {@link viewerIsReady} */
  constructor(private readonly show: SessionViewer['draw']) {}

  readonly draw: SessionViewer['draw'] = (bytes, drawn) => {
    if (this.waiting) this.waiting.push([bytes, drawn]);
    else this.show(bytes, drawn);
  };

  viewerIsReady(): void {
    const { waiting = [] } = this;
    this.waiting = undefined;
    for (const output of waiting) this.show(...output);
  }
}
