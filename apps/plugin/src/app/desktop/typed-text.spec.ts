import { keysBetween } from './typed-text';

const keysyms = (before: string, after: string) =>
  keysBetween(before, after).map(({ keysym }) => keysym);
const BACKSPACE = 0xff08;

describe('what a touch keyboard has changed', () => {
  it('is the characters at the end', () => {
    expect(keysyms('ab', 'abc')).toEqual([0x63]);
    expect(keysyms('', 'ő')).toEqual([0x01000151]);
  });

  it('is a step back for each character that is gone', () => {
    expect(keysyms('abc', 'a')).toEqual([BACKSPACE, BACKSPACE]);
    expect(keysyms('a😀', 'a')).toEqual([BACKSPACE]);
  });

  it('is both for a word that was corrected', () => {
    expect(keysyms('teh', 'the')).toEqual([BACKSPACE, BACKSPACE, 0x68, 0x65]);
  });

  it('is nothing when nothing has changed', () => {
    expect(keysyms('abc', 'abc')).toEqual([]);
  });
});
