import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder, type TemporaryFolder } from '@remote-access/testkit';
import { type AgentStatus, readStatus, StatusServer } from './status-server';

const STATUS = { platform: 'https://t.example.com', sessions: [] } as unknown as AgentStatus;

describe('the status socket', () => {
  let folder: TemporaryFolder;
  let path: string;
  let reasons: unknown[];

  beforeEach(() => {
    folder = temporaryFolder('status');
    path = join(folder.path, 'status.sock');
    reasons = [];
  });
  afterEach(() => folder.remove());

  const start = (at = path): Promise<StatusServer | undefined> =>
    StatusServer.start(
      at,
      () => STATUS,
      (_event, fields) => reasons.push(fields?.['reason']),
    );

  it('answers, and takes the place of one that a killed process left behind', async () => {
    const program = `require('node:net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;
    spawnSync(process.execPath, ['-e', program, path]);
    expect(lstatSync(path).isSocket()).toBe(true);
    const server = await start();
    expect(await readStatus(path)).toEqual(STATUS);
    await server!.stop();
    expect(reasons).toEqual([]);
  });

  it('removes nothing but a socket', async () => {
    writeFileSync(path, 'precious');
    expect(await start()).toBeUndefined();
    expect(readFileSync(path, 'utf8')).toBe('precious');
    const inner = join(folder.path, 'folder');
    mkdirSync(inner);
    expect(await start(inner)).toBeUndefined();
    expect(existsSync(inner)).toBe(true);
    expect(reasons).toEqual(Array(2).fill('the path is taken by something that is not a socket'));
  });

  it('of a running agent is left to it', async () => {
    const first = await start();
    expect(await start()).toBeUndefined();
    expect(reasons).toEqual(['another process serves this socket']);
    expect(await readStatus(path)).toEqual(STATUS);
    await first!.stop();
  });

  it('is not created somewhere else if its path is too long', async () => {
    expect(await start(join(folder.path, 'long'.repeat(30)))).toBeUndefined();
    expect(reasons).toEqual([expect.stringMatching(/^a socket's path has at most \d+ bytes$/)]);
  });

  it('that cannot be created is reported, and the agent does without', async () => {
    expect(await start(join(folder.path, 'missing', 'status.sock'))).toBeUndefined();
    expect(reasons).toEqual([expect.stringMatching(/ENOENT|EACCES/)]);
  });
});
