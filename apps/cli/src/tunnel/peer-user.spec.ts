import { userOf } from './peer-user';

// Lines as Linux 6 prints them, truncated at the end.
const TABLE = [
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
  '   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4242 1',
  '   1: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 4243 1',
  '   2: 0100007F:C350 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1001        0 4244 1',
].join('\n');

describe('the user at the other end of a loopback connection', () => {
  it('is the owner of the socket with the swapped addresses', () => {
    expect(userOf(TABLE, '127.0.0.1', 50_000, 8080)).toBe(1001);
    expect(userOf(TABLE, '::ffff:127.0.0.1', 50_000, 8080)).toBe(1001);
  });

  it('is unknown if there is no such socket', () => {
    expect(userOf(TABLE, '127.0.0.1', 50_001, 8080)).toBeUndefined();
    expect(userOf(TABLE, '127.0.0.1', 50_000, 8081)).toBeUndefined();
    expect(userOf(TABLE, undefined, 50_000, 8080)).toBeUndefined();
    expect(userOf('', '127.0.0.1', 50_000, 8080)).toBeUndefined();
  });
});
