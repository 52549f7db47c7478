import { agrees, describe, judge, notChecked } from './verdict.mjs';

/** Opcodes of RFC 6455, section 5.2. */
const CLOSE = 8;
const PING = 9;

/** Length of a frame's payload if it follows in 2 or 8 bytes (RFC 6455, section 5.2). */
const LENGTH_IN_2_BYTES = 126;
const LENGTH_IN_8_BYTES = 127;

/** A close frame with code 1000. Clients mask their frames; a mask of zeros changes nothing. */
const NORMAL_CLOSURE = Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8]);

/**
 * Opens a session and keeps it open, answering pings and sending nothing else.
 *
 * @param {import('./tenant.mjs').Tenant} tenant
 * @param {string} path of the session's WebSocket
 * @param {number} seconds
 * @returns {Promise<import('./verdict.mjs').Finding>} `differs` if the connection is lost earlier,
 *   but not if the other side closes it properly
 */
export async function heldOpen(tenant, path, seconds) {
  const openedAt = performance.now();
  /** @type {Promise<import('./verdict.mjs').Finding> | undefined} */
  let outcome;
  const answer = await tenant.upgrade(path, {}, (socket, head) => {
    outcome = new Promise(resolve => {
      let pings = 0;
      const after = () => `${Math.round((performance.now() - openedAt) / 1000)} s, ${pings} pings`;
      const deadline = setTimeout(() => {
        resolve(agrees(`open for ${after()}`));
        socket.end(NORMAL_CLOSURE);
      }, seconds * 1000);
      const frames = new FrameReader();
      const receive = (/** @type {Buffer} */ bytes) => {
        for (const { opcode, payload } of frames.read(bytes)) {
          if (opcode === PING) {
            pings += 1;
            socket.write(pong(payload));
          } else if (opcode === CLOSE) {
            const code = payload.length < 2 ? 'without a code' : payload.readUInt16BE(0);
            resolve(notChecked(`the session was closed (${code}) after ${after()}`));
          }
        }
      };
      receive(head);
      socket.on('data', receive);
      socket.on('close', () => {
        clearTimeout(deadline);
        resolve(judge(false, `lost without a close frame after ${after()}`));
      });
      socket.on('end', () => socket.end());
    });
  });
  return outcome ?? notChecked(describe(answer));
}

/** @param {Buffer} payload at most 125 bytes */
function pong(payload) {
  return Buffer.concat([Buffer.from([0x8a, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
}

/** Splits what a server sends into frames. */
class FrameReader {
  #rest = Buffer.alloc(0);

  /**
   * @param {Buffer} bytes
   * @returns {Generator<{ opcode: number, payload: Buffer }>} the frames that are complete
   */
  *read(bytes) {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    for (let size = this.#size(); size <= this.#rest.length; size = this.#size()) {
      const payload = this.#rest.subarray(this.#headerBytes(), size);
      yield { opcode: (this.#rest[0] ?? 0) & 0x0f, payload };
      this.#rest = this.#rest.subarray(size);
    }
  }

  #headerBytes() {
    const length = this.#rest[1] ?? 0;
    if (length < LENGTH_IN_2_BYTES) return 2;
    return length < LENGTH_IN_8_BYTES ? 4 : 10;
  }

  /** Of the first frame; infinite until that is known. */
  #size() {
    const header = this.#headerBytes();
    if (this.#rest.length < header) return Infinity;
    if (header === 2) return header + (this.#rest[1] ?? 0);
    return header + (header === 4 ? this.#rest.readUInt16BE(2) : this.#rest.readUIntBE(4, 6));
  }
}
