import type { FileCalls } from '../host/platform-calls';
import { Refusal } from '../ui/refusal';
import { isImportFile, readImportFile, TransferClient } from './transfer-client';

const PATH = '/service/remoteaccess/configurations';
const FILE = { name: 'a.csv', text: 'deviceId,name', mediaType: 'text/csv' as const };

function client(status: number, deviceId?: string) {
  const calls: unknown[][] = [];
  const files = {
    upload: (...args: unknown[]) => {
      calls.push(args);
      return Promise.resolve({ status, body: { dryRun: true } });
    },
    download: (...args: unknown[]) => {
      calls.push(args);
      const file = status === 200 ? new Blob(['x']) : undefined;
      return Promise.resolve({ status, body: undefined, ...(file ? { file } : {}) });
    },
  } as unknown as FileCalls;
  return { calls, client: new TransferClient(files, deviceId) };
}

describe('TransferClient', () => {
  it('exports and imports the endpoints of all gateways or of one', async () => {
    const all = client(200);
    await all.client.export('csv');
    await all.client.import(FILE, true);
    expect(all.calls).toEqual([
      [`${PATH}/export?format=csv`],
      [`${PATH}/import?dryRun=true`, FILE.text, 'text/csv'],
    ]);
    const one = client(200, '10 01');
    await one.client.export('json');
    await one.client.import(FILE, false);
    expect(one.calls.map(([path]) => path)).toEqual([
      `${PATH}/export?format=json&deviceIds=10+01`,
      `${PATH}/import?dryRun=false&deviceId=10+01`,
    ]);
  });

  it('returns the refusal', async () => {
    const { client: refused } = client(403);
    expect(await refused.export('csv')).toBeInstanceOf(Refusal);
    expect(await refused.import(FILE, true)).toBeInstanceOf(Refusal);
  });
});

/** jsdom's File has no text(). */
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
  ])('that cannot be imported is refused with a reason', async (odd, message) => {
    const read = await readImportFile(odd);
    expect(isImportFile(read)).toBe(false);
    expect(read.text).toMatch(message);
  });

  it('of the maximum size is accepted', async () => {
    expect(isImportFile(await readImportFile(file('a,b', 1_048_576)))).toBe(true);
  });
});
