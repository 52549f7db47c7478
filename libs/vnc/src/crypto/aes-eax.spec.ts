import { execFileSync } from 'node:child_process';
import { createCipheriv } from 'node:crypto';
import { AesEax } from './aes-eax';
import { NODE_CRYPTOGRAPHY } from './node-cryptography';

// From the paper that defines EAX (Bellare, Rogaway, Wagner, 2004), appendix G.
const VECTORS = [
  {
    message: '',
    key: '233952dee4d5ed5f9b9c6d6ff80ff478',
    nonce: '62ec67f9c3a4a407fcb2a8c49031a8b3',
    header: '6bfb914fd07eae6b',
    sealed: 'e037830e8389f27b025a2d6527e79d01',
  },
  {
    message: 'f7fb',
    key: '91945d3f4dcbee0bf45ef52255f095a4',
    nonce: 'becaf043b0a23d843194ba972c66debd',
    header: 'fa3bfd4806eb53fa',
    sealed: '19dd5c4c9331049d0bdab0277408f67967e5',
  },
  {
    message: '1a47cb4933',
    key: '01f74ad64077f2e704c0f60ada3dd523',
    nonce: '70c3db4f0d26368400a10ed05d2bff5e',
    header: '234a3463c1264ac6',
    sealed: 'd851d5bae03a59f238a23e39199dc9266626c40f80',
  },
  {
    message: 'ca40d7446e545ffaed3bd12a740a659ffbbb3ceab7',
    key: '8395fcf1e95bebd697bd010bc766aac3',
    nonce: '22e7add93cfc6393c57ec0b3c17d6b44',
    header: '126735fcc320d25a',
    sealed: 'cb8920f87a6c75cff39627b56e3ed197c552d295a7cfc46afc253b4652b1af3795b124ab6e',
  },
].map(vector =>
  Object.fromEntries(Object.entries(vector).map(([name, hex]) => [name, Buffer.from(hex, 'hex')])),
) as Record<'message' | 'key' | 'nonce' | 'header' | 'sealed', Buffer>[];

it.each(VECTORS)('seals and opens test vector %# of the paper', vector => {
  const eax = new AesEax(vector.key, NODE_CRYPTOGRAPHY);
  const { nonce, header, message, sealed } = vector;
  expect(Buffer.from(eax.seal(nonce, header, message))).toEqual(sealed);
  expect(Buffer.from(eax.open(nonce, header, sealed)!)).toEqual(message);
});

it('yields the same for short messages, block by block, as OpenSSL does for whole ones', () => {
  const key = Buffer.alloc(16, 7);
  // The counter overflows within the message.
  for (const nonce of [
    Buffer.alloc(16),
    Buffer.alloc(16, 255),
    Buffer.from('5b'.repeat(16), 'hex'),
  ]) {
    for (const length of [0, 1, 15, 16, 17, 127, 128, 129, 144, 1000]) {
      const message = Buffer.alloc(length, 'message ');
      const header = Buffer.alloc(length, 'header ');
      const sealed = new AesEax(key, NODE_CRYPTOGRAPHY).seal(nonce, header, message);
      expect(Buffer.from(sealed)).toEqual(eaxOfOpenSsl(key, nonce, header, message));
      const opened = new AesEax(key, NODE_CRYPTOGRAPHY).open(nonce, header, sealed);
      expect(Buffer.from(opened!)).toEqual(message);
    }
  }
});

/** EAX by its definition: a CMAC of OpenSSL for each part. */
function eaxOfOpenSsl(key: Buffer, nonce: Buffer, header: Buffer, message: Buffer): Buffer {
  const cmac = (tweak: number, data: Buffer): Buffer => {
    const block = Buffer.alloc(16);
    block[15] = tweak;
    return cmacOfOpenSsl(key, Buffer.concat([block, data]));
  };
  const start = cmac(0, nonce);
  const text = createCipheriv('aes-128-ctr', key, start).update(message);
  const [ofHeader, ofText] = [cmac(1, header), cmac(2, text)];
  const tag = start.map((byte, at) => byte ^ ofHeader[at]! ^ ofText[at]!);
  return Buffer.concat([text, tag]);
}

const knownCmacs = new Map<string, Buffer>();

/** Each CMAC is computed once, because a process is started for it. */
function cmacOfOpenSsl(key: Buffer, input: Buffer): Buffer {
  const id = Buffer.concat([key, input]).toString('hex');
  const known = knownCmacs.get(id);
  if (known) return known;
  const args = ['mac', '-cipher', 'AES-128-CBC', '-macopt', `hexkey:${key.toString('hex')}`];
  const hex = execFileSync('openssl', [...args, '-in', '-', 'CMAC'], { input });
  const cmac = Buffer.from(hex.toString().trim(), 'hex');
  knownCmacs.set(id, cmac);
  return cmac;
}

it('opens nothing that was changed, truncated or reordered', () => {
  const { key, nonce, header, sealed } = VECTORS[3]!;
  const eax = new AesEax(key, NODE_CRYPTOGRAPHY);
  for (let at = 0; at < sealed.length; at += 1) {
    const changed = Buffer.from(sealed);
    changed[at] = changed[at]! ^ 1;
    expect(eax.open(nonce, header, changed)).toBeUndefined();
    expect(eax.open(nonce, header, sealed.subarray(0, at))).toBeUndefined();
  }
  expect(eax.open(header, header, sealed)).toBeUndefined();
  expect(eax.open(nonce, nonce, sealed)).toBeUndefined();
});
