import { clipboardRequest } from './clipboard-request';

const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('security: a program at the clipboard', () => {
  it('may ask to put a text there', () => {
    expect(clipboardRequest(`c;${base64('漢字 and more')}`)).toBe('漢字 and more');
    expect(clipboardRequest(`;${base64('x')}`)).toBe('x');
  });

  it('never gets what is there', () => {
    expect(clipboardRequest('c;?')).toBeUndefined();
  });

  it.each(['', 'c', 'c;', 'c;!!!', 'c;a', 'x;YQ==', `c;${'A'.repeat(200_000)}`, 'c;/w=='])(
    'is not heard with %j',
    data => {
      expect(clipboardRequest(data)).toBeUndefined();
    },
  );
});
