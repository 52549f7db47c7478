import { AesEax } from './aes-eax';
import { BIG_ENDIAN } from './big-endian';
import type { Cryptography } from './cryptography';
import type { SealedMessages } from './handshake';

const COUNTER_BYTES = 16;

/** Length of the tag behind each message. */
export const TAG_BYTES = 16;

/** One direction of RSA-AES: AES-EAX with a counter as nonce and the length as header. */
export class CountedMessages implements SealedMessages {
  private readonly cipher: AesEax;
  private readonly counter = new Uint8Array(COUNTER_BYTES);

  constructor(key: Uint8Array, cryptography: Cryptography) {
    this.cipher = new AesEax(key, cryptography);
  }

  seal(message: Uint8Array): Uint8Array {
    const header = BIG_ENDIAN.uint16(message.length);
    const sealed = this.cipher.seal(this.counter, header, message);
    this.count();
    const whole = new Uint8Array(header.length + sealed.length);
    whole.set(header);
    whole.set(sealed, header.length);
    return whole;
  }

  open(length: number, sealed: Uint8Array): Uint8Array | undefined {
    const message = this.cipher.open(this.counter, BIG_ENDIAN.uint16(length), sealed);
    this.count();
    return message;
  }

  /** The least significant byte comes first. */
  private count(): void {
    for (let at = 0; at < COUNTER_BYTES; at += 1) {
      this.counter[at] = ((this.counter[at] ?? 0) + 1) & 0xff;
      if (this.counter[at] !== 0) return;
    }
  }
}
