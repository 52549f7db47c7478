import { ERRORS } from '@remote-access/contracts';
import type { AuditRecord, Operation } from '@remote-access/contracts/platform';
import type { PlatformAnswer, PlatformCalls } from '../host/platform-calls';
import { Refusal } from '../ui/refusal';
import { connectionOf, fetchRecentConnections } from './recent-connections';

const operation = (change: Partial<Operation> = {}): Operation => ({
  id: '900',
  deviceId: '1001',
  status: 'SUCCESSFUL',
  creationTime: '2026-11-24T10:00:00.000Z',
  c8y_RemoteAccessConnect: { hostname: '10.0.0.1', port: 22, connectionKey: 'k' },
  ...change,
});

const record = (facts: object | undefined, user = 'ana'): AuditRecord => ({
  id: '1',
  creationTime: '2026-11-24T10:00:01.000Z',
  time: '2026-11-24T10:00:01.000Z',
  type: 'Operation',
  activity: 'Remote access session ended',
  text: 'whatever',
  user,
  ...(facts && { c8y_CloudRemoteAccessSession: facts }),
});

const SHELL = { endpointId: '1', endpointName: 'Shell', protocol: 'SSH' };
const ENDED = { ...SHELL, durationMs: 8_000, code: 'normal' };

/** Requests that are refused with these have no operation, and so no history. */
const BEFORE_A_SESSION = new Set([
  'audit-unavailable',
  'cluster-unavailable',
  'conflict',
  'device-not-found',
  'endpoint-modified',
  'no-key-material',
  'notice-not-accepted',
  'ticket-invalid',
  'too-many-requests',
  'unauthenticated',
  'watch-off',
]);

describe('a recent connection', () => {
  it('names who used what, when, for how long, and how it ended', () => {
    const records = [record({ ...SHELL, owner: 'x' }), record(ENDED)];
    expect(connectionOf(operation(), records)).toEqual({
      operationId: '900',
      at: new Date('2026-11-24T10:00:00.000Z'),
      user: 'ana',
      endpoint: 'Shell (SSH)',
      endpointId: '1',
      result: { text: 'Ended normally' },
      hasFailed: false,
      durationMs: 8_000,
    });
    expect(connectionOf(operation(), [...records].reverse())).toMatchObject({ user: 'ana' });
  });

  it.each([
    ['PENDING', 'Waiting for the gateway', false],
    ['EXECUTING', 'Waiting for the gateway', false],
    ['SUCCESSFUL', 'Connected', false],
    ['FAILED', 'Connection refused', true],
  ] as const)('that is %s and not over is shown as %j', (status, text, hasFailed) => {
    const one = connectionOf(operation({ status, failureReason: 'Connection refused' }), []);
    expect(one).toMatchObject({ endpoint: '10.0.0.1:22', result: { text }, hasFailed });
    expect(one).not.toHaveProperty('user');
  });

  it('that failed says why in the words of the error catalogue', () => {
    const one = connectionOf(operation(), [record({ ...ENDED, code: 'session-terminated' })]);
    expect(one.hasFailed).toBe(true);
    expect(one.result.text).toMatch(/administrator|ended/i);
  });

  it('names the protocol as the list of endpoints does', () => {
    const one = connectionOf(operation(), [record({ ...ENDED, protocol: 'TELNET' })]);
    expect(one.endpoint).toBe('Shell (Telnet)');
    const other = connectionOf(operation(), [record({ ...ENDED, protocol: 'NEW' })]);
    expect(other.endpoint).toBe('Shell (NEW)');
  });

  it.each(Object.keys(ERRORS).filter(code => !BEFORE_A_SESSION.has(code)))(
    'that ended with %s does not address its reader, who may be somebody else',
    code => {
      const { result } = connectionOf(operation(), [record({ ...ENDED, code })]);
      expect(result.text).not.toMatch(/\byour?\b|\bagain\b/i);
    },
  );

  it.each([undefined, null, 'text', { endpointName: 7 }])(
    'is not taken from a record of another program: %j',
    facts => {
      const one = connectionOf(operation(), [record(facts as object, 'mallory')]);
      expect(one).not.toHaveProperty('user');
    },
  );
});

describe('fetchRecentConnections', () => {
  const platform = (answer: (path: string) => PlatformAnswer) => {
    const paths: string[] = [];
    const calls = {
      call: (_: string, path: string) => {
        paths.push(path);
        return Promise.resolve(answer(path));
      },
    } as unknown as PlatformCalls;
    return { calls, paths };
  };

  it('asks for the latest operations and the audit records of each', async () => {
    const { calls, paths } = platform(path =>
      path.startsWith('/audit')
        ? { status: 200, body: { auditRecords: [record(ENDED)] } }
        : { status: 200, body: { operations: [operation(), operation({ id: '901' })] } },
    );
    const recent = await fetchRecentConnections(calls, '10&1');
    expect(recent).toMatchObject({ isAuditHidden: false, connections: [{ user: 'ana' }, {}] });
    expect(paths[0]).toContain('deviceId=10%261&fragmentType=c8y_RemoteAccessConnect');
    expect(paths.slice(1).map(path => /source=(\d+)/.exec(path)?.[1])).toEqual(['900', '901']);
  });

  it('says so if the user may not read the audit log', async () => {
    const { calls } = platform(path =>
      path.startsWith('/audit')
        ? { status: 403, body: {} }
        : { status: 200, body: { operations: [operation()] } },
    );
    expect(await fetchRecentConnections(calls, '1')).toMatchObject({ isAuditHidden: true });
  });

  it('returns the refusal if operations cannot be read', async () => {
    const { calls } = platform(() => ({ status: 403, body: {} }));
    expect(await fetchRecentConnections(calls, '1')).toBeInstanceOf(Refusal);
  });
});
