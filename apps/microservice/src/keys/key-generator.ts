import { Injectable } from '@nestjs/common';
import { type GeneratedKeyPair, isRefusal, type Refusal } from '@remote-access/contracts';
import { keyComment } from './key-comment';
import { KeyWork, type NewKey } from './key-work';
import { readPkcs8 } from './pem-private-key';

/** Makes key pairs in the forms that an endpoint stores. */
@Injectable()
export class KeyGenerator {
  constructor(private readonly work: KeyWork) {}

  /** @returns `too-many-requests` where too many wait for theirs */
  async generate(key: NewKey, comment: string): Promise<GeneratedKeyPair | Refusal> {
    try {
      const made = readPkcs8(await this.work.generate(key));
      const line = keyComment(comment);
      return { publicKey: made.publicKey.line(line), privateKey: made.container(line) };
    } catch (error) {
      if (isRefusal(error)) return error;
      throw error;
    }
  }
}
