import { answerDiffieHellman, modularPower } from './diffie-hellman';
import { NODE_CRYPTOGRAPHY } from './node-cryptography';

const bytes = (...values: number[]): Uint8Array => Uint8Array.of(...values);

it('computes powers with the length of the modulus', () => {
  expect(modularPower(bytes(3), bytes(4), bytes(0, 100))).toEqual(bytes(0, 81));
  expect(modularPower(bytes(2), bytes(1, 0), bytes(97))).toEqual(bytes(61));
  expect(modularPower(bytes(5), bytes(0), bytes(7))).toEqual(bytes(1));
});

it.each([
  ['an even group', bytes(2), bytes(0, 100), bytes(0, 7)],
  ['a group of zero', bytes(2), bytes(0, 0), bytes(0, 7)],
  ['a key of zero', bytes(2), bytes(0, 101), bytes(0, 0)],
  ['a key of one', bytes(2), bytes(0, 101), bytes(0, 1)],
  ['a key as large as the group', bytes(2), bytes(0, 101), bytes(0, 101)],
  ['a key larger than the group', bytes(2), bytes(0, 101), bytes(1, 0)],
])('rejects %s', (_name, generator, prime, serverPublic) => {
  const offer = { generator, prime, serverPublic };
  expect(answerDiffieHellman(offer, NODE_CRYPTOGRAPHY)).toBeUndefined();
});

it('agrees with the peer on a secret', () => {
  const prime = bytes(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xc5);
  const exponent = NODE_CRYPTOGRAPHY.randomBytes(8);
  const serverPublic = modularPower(bytes(5), exponent, prime);
  const answer = answerDiffieHellman(
    { generator: bytes(5), prime, serverPublic },
    NODE_CRYPTOGRAPHY,
  );
  expect(modularPower(answer!.clientPublic, exponent, prime)).toEqual(answer!.secret);
});
