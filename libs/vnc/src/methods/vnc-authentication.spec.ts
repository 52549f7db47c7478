import { NODE_CRYPTOGRAPHY } from '../crypto/node-cryptography';
import { vncResponse } from './vnc-authentication';

const challenge = Buffer.from('0123456789abcdef', 'latin1');
const respond = (password: string): string =>
  Buffer.from(vncResponse(password, challenge, NODE_CRYPTOGRAPHY)).toString('hex');

it('uses eight bytes of the password', () => {
  expect(respond('12345678')).toBe(respond('123456789'));
  expect(respond('1234567')).not.toBe(respond('12345678'));
});

it('encrypts each half of the challenge separately', () => {
  const twice = vncResponse(
    'secret',
    Buffer.concat([challenge.subarray(0, 8), challenge.subarray(0, 8)]),
    NODE_CRYPTOGRAPHY,
  );
  expect(twice.slice(0, 8)).toEqual(twice.slice(8));
});
