import { utils, type ParsedKey } from 'ssh2';
import { ed25519KeyPair } from './ssh-keys';

/** Of that many pairs straight from ssh2, all are sound once in 2500 runs. */
const PAIRS = 2000;

describe('a key pair', () => {
  it('has all 32 bytes, even if the first is zero', () => {
    const lengths = new Set<number>();
    for (let i = 0; i < PAIRS; i += 1) {
      const key = utils.parseKey(ed25519KeyPair().public) as ParsedKey;
      lengths.add(key.getPublicSSH().length);
    }
    expect([...lengths]).toEqual([51]);
  });
});
