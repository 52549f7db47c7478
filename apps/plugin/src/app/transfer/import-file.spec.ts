import { isImportFile, readImportFile } from './import-file';

/** jsdom's files have no text(). */
function file(text: string, size = text.length): File {
  return { name: 'endpoints.txt', size, text: () => Promise.resolve(text) } as File;
}

describe('a file to import', () => {
  it.each([
    ['[{"deviceId":"1"}]', 'application/json'],
    ['\ufeff  \n[ ]', 'application/json'],
    ['{"deviceId":"1"}', 'application/json'],
    ['deviceId,name\r\n1,x', 'text/csv'],
    ['\ufeffdeviceId;name', 'text/csv'],
  ])('%j is %s, whatever its name', async (text, mediaType) => {
    expect(await readImportFile(file(text))).toMatchObject({ name: 'endpoints.txt', mediaType });
  });

  it.each([
    [file('', 0), /empty/],
    [file('x', 1_048_577), /larger than 1 MiB/],
    [{ size: 1, text: () => Promise.reject(new Error('gone')) } as unknown as File, /again/],
  ])('that cannot be taken is refused in words', async (odd, words) => {
    const read = await readImportFile(odd);
    expect(isImportFile(read)).toBe(false);
    expect(read.text).toMatch(words);
  });

  it('of the greatest size is taken', async () => {
    expect(isImportFile(await readImportFile(file('a,b', 1_048_576)))).toBe(true);
  });
});
