import { withDeadline } from '@remote-access/streams';
import type { Duplex } from 'node:stream';
import type { Handshake, ReadStep, SecureLayer, Step } from '../handshake/handshake';
import { type SecuredStream, secureStream } from './secure-stream';

export interface HandshakeRunnerOptions {
  /** Total time that the other end may take for everything that is read; unlimited by default. */
  readonly timeoutMs?: number;
  /** The error for a timeout. */
  readonly late: (what: string) => Error;
  /** The error for a connection that ends. */
  readonly ended: (what: string, cause?: unknown) => Error;
}

/**
 * Runs handshakes on a byte stream, one after another. It never reads more than a handshake asks
 * for, so the stream can be handed over at any point.
 */
export class HandshakeRunner {
  private remainingMs: number;

  constructor(
    private current: Duplex,
    private readonly options: HandshakeRunnerOptions,
  ) {
    this.remainingMs = options.timeoutMs ?? Infinity;
  }

  /** The stream after the handshakes so far, which may have encrypted it. */
  get stream(): Duplex {
    return this.current;
  }

  /** @throws what the handshake throws, or the error of a timeout or of the end */
  async run<Result>(handshake: Handshake<Result>): Promise<Result> {
    let next = handshake.next();
    while (!next.done) {
      let answer: unknown;
      try {
        answer = await this.perform(next.value);
      } catch (cause) {
        next = handshake.throw(cause);
        continue;
      }
      next = handshake.next(answer);
    }
    return next.value;
  }

  /**
   * Reads bytes but leaves them in the stream.
   *
   * @throws the error of a timeout or of the end
   */
  preview(length: number, what: string): Promise<Buffer> {
    return this.read({ type: 'read', length, what }, true);
  }

  private async perform(step: Step): Promise<unknown> {
    switch (step.type) {
      case 'send':
        this.current.write(step.bytes);
        return undefined;
      case 'peek':
        return this.current.read(Math.min(step.length, this.current.readableLength)) ?? NOTHING;
      case 'read':
        return step.length === 0 ? NOTHING : this.read(step);
      case 'wait':
        return step.work();
      case 'secure':
        return this.secure(step.layer);
      default:
        return step satisfies never;
    }
  }

  private async secure(layer: SecureLayer): Promise<Uint8Array | undefined> {
    const startedAt = performance.now();
    const secured = await this.within(secureStream(this.current, layer));
    this.remainingMs -= performance.now() - startedAt;
    this.current = secured.stream;
    return secured.serverKey;
  }

  private async within(work: Promise<SecuredStream>): Promise<SecuredStream> {
    const late = (): Error => this.options.late(TLS);
    try {
      if (!Number.isFinite(this.remainingMs)) return await work;
      return await withDeadline(work, this.remainingMs, late, ({ stream }) => stream.destroy());
    } catch (cause) {
      throw this.current.destroyed ? this.options.ended(TLS, cause) : cause;
    }
  }

  private async read(
    { length, what, withinMs = Infinity }: ReadStep,
    putsBack = false,
  ): Promise<Buffer> {
    const startedAt = performance.now();
    const patienceMs = Math.min(this.remainingMs, withinMs);
    const bytes = await readExactly(this.current, length, patienceMs, putsBack);
    this.remainingMs -= performance.now() - startedAt;
    if (bytes === 'late') throw this.options.late(what);
    if (bytes === 'ended') throw this.options.ended(what, this.current.errored ?? undefined);
    return bytes;
  }
}

const NOTHING = Buffer.alloc(0);
const TLS = 'its part of the TLS handshake';

/**
 * Reads exactly `length` bytes and leaves the rest in the stream; with `putsBack` leaves all of
 * them.
 */
function readExactly(
  stream: Duplex,
  length: number,
  remainingMs: number,
  putsBack: boolean,
): Promise<Buffer | 'late' | 'ended'> {
  return new Promise(resolve => {
    const settle = (result: Buffer | 'late' | 'ended'): void => {
      clearTimeout(timer);
      stream.off('readable', take).off('end', onEnd).off('close', onEnd);
      resolve(result);
    };
    const onEnd = (): void => settle('ended');
    const take = (): void => {
      const bytes = stream.read(length) as Buffer | null;
      if (bytes === null) return;
      // A stream that has ended returns what is left, even if it is less than requested.
      settle(bytes.length === length ? bytes : 'ended');
      // Immediately, because the stream ends once it is empty.
      if (putsBack && bytes.length === length) stream.unshift(bytes);
    };
    const timer = Number.isFinite(remainingMs)
      ? setTimeout(() => settle('late'), Math.max(0, remainingMs))
      : undefined;
    if (stream.destroyed || stream.readableEnded) return onEnd();
    stream.on('readable', take).on('end', onEnd).on('close', onEnd);
    take();
    return undefined;
  });
}
