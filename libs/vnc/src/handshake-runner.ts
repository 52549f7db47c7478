import { withDeadline } from '@remote-access/streams';
import type { Duplex } from 'node:stream';
import type { Handshake, SecureLayer, Step } from './handshake';
import { secureStream, type SecuredStream } from './secure-stream';

export interface HandshakeRunnerOptions {
  /** How long the other end may take, all that is read taken together; without it for ever. */
  readonly patienceMs?: number;
  readonly late: (what: string) => Error;
  readonly ended: (what: string, cause?: unknown) => Error;
}

/**
 * Runs handshakes on a byte stream, one after the other. Nothing is read beyond what a handshake
 * asks for, so that the stream can be handed on as it is.
 */
export class HandshakeRunner {
  private patienceMs: number;

  constructor(
    private current: Duplex,
    private readonly options: HandshakeRunnerOptions,
  ) {
    this.patienceMs = options.patienceMs ?? Infinity;
  }

  /** The stream as the handshakes left it: enciphered where they asked for it. */
  get stream(): Duplex {
    return this.current;
  }

  /** @throws what the handshake throws, or what the options make of silence and of the end */
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

  private async perform(step: Step): Promise<unknown> {
    switch (step.type) {
      case 'send':
        this.current.write(step.bytes);
        return undefined;
      case 'peek':
        return this.current.read(Math.min(step.length, this.current.readableLength)) ?? NOTHING;
      case 'read':
        return step.length === 0 ? NOTHING : this.read(step.length, step.what);
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
    this.patienceMs -= performance.now() - startedAt;
    this.current = secured.stream;
    return secured.serverKey;
  }

  private async within(work: Promise<SecuredStream>): Promise<SecuredStream> {
    const late = (): Error => this.options.late(TLS);
    try {
      if (!Number.isFinite(this.patienceMs)) return await work;
      return await withDeadline(work, this.patienceMs, late, ({ stream }) => stream.destroy());
    } catch (cause) {
      throw this.current.destroyed ? this.options.ended(TLS, cause) : cause;
    }
  }

  private async read(length: number, what: string): Promise<Buffer> {
    const startedAt = performance.now();
    const bytes = await readExactly(this.current, length, this.patienceMs);
    this.patienceMs -= performance.now() - startedAt;
    if (bytes === 'late') throw this.options.late(what);
    if (bytes === 'ended') throw this.options.ended(what, this.current.errored ?? undefined);
    return bytes;
  }
}

const NOTHING = Buffer.alloc(0);
const TLS = 'its part of TLS';

/** Takes exactly so many bytes out of a stream and leaves the others in it. */
function readExactly(
  stream: Duplex,
  length: number,
  patienceMs: number,
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
      // At its end a stream gives what is left.
      settle(bytes.length === length ? bytes : 'ended');
    };
    const timer = Number.isFinite(patienceMs)
      ? setTimeout(() => settle('late'), Math.max(0, patienceMs))
      : undefined;
    if (stream.destroyed || stream.readableEnded) return onEnd();
    stream.on('readable', take).on('end', onEnd).on('close', onEnd);
    take();
    return undefined;
  });
}
