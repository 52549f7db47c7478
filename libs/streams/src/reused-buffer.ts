import { connect, type Socket, type TcpNetConnectOpts } from 'node:net';

/** What libuv offers a socket per read, so that a busy connection needs one call per 64 KiB. */
const READ_BYTES = 64 * 1024;

/** Shorter reads are copied: what keeps one of them must not keep a whole buffer in memory. */
const COPIED_BELOW_BYTES = READ_BYTES / 2;

/** Where a consumer of a socket's bytes finds the buffer in which they lie. */
const REUSED_BUFFER = Symbol('reused buffer');

interface Reusing {
  [REUSED_BUFFER]?: ReusedBuffer;
}

/**
 * Connects a TCP socket that reads into one buffer instead of allocating another 64 KiB for each
 * read, which is a third of what moving bytes costs. It is an ordinary stream otherwise: a chunk is
 * overwritten only if its consumer has said with {@link chunkDone} that nothing refers to it.
 */
export function connectReusingBuffer(options: TcpNetConnectOpts): Socket {
  const buffer = new ReusedBuffer();
  const socket: Socket & Reusing = connect({
    ...options,
    onread: {
      buffer: () => buffer.next(),
      callback: bytes => socket.push(buffer.read(bytes)),
    },
  });
  socket[REUSED_BUFFER] = buffer;
  return socket;
}

/**
 * Says that nothing refers to a chunk that `source` is emitting any more: it was copied, or the
 * system has accepted it. Does nothing for streams that do not reuse their buffer.
 */
export function chunkDone(source: object, chunk: Buffer): void {
  (source as Reusing)[REUSED_BUFFER]?.release(chunk);
}

class ReusedBuffer {
  private buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  private isInUse = false;

  /** The buffer for the next read; Node asks after each chunk was pushed. */
  next(): Buffer {
    if (this.isInUse) this.buffer = Buffer.allocUnsafeSlow(READ_BYTES);
    this.isInUse = false;
    return this.buffer;
  }

  read(bytes: number): Buffer {
    const chunk = this.buffer.subarray(0, bytes);
    this.isInUse = bytes >= COPIED_BELOW_BYTES;
    return this.isInUse ? chunk : unpooledCopy(chunk);
  }

  /** Ignores a chunk that was read earlier: it lies in another buffer. */
  release({ buffer }: Buffer): void {
    if (buffer === this.buffer.buffer) this.isInUse = false;
  }
}

/**
 * A copy outside Node's buffer pool, where a slice would keep a block of 8 KiB in memory (64 KiB
 * from Node 24 on).
 */
export function unpooledCopy(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  copy.set(bytes);
  return copy;
}
