import type { Endpoint, EndpointBody } from '@remote-access/contracts';
import type { CliFailure } from '../failures/failure';
import type { Questions } from '../output/questions';
import type { PlatformClient } from '../platform/platform-client';
import { EndpointDirectory } from './endpoint-directory';
import type { Gateway } from './gateway-directory';
import { purposeOf } from './purposes';

const GATEWAY = { id: '1001', name: 'Press' } as Gateway;
const SHELL = { id: '1', name: 'Shell', protocol: 'SSH', hostname: 'plc', port: 22 } as Endpoint;

interface Person {
  readonly roles: readonly string[];
  readonly devicePermissions?: Readonly<Record<string, readonly string[]>>;
}

const ENGINEER: Person = { roles: ['ROLE_REMOTE_ACCESS_ADMIN', 'ROLE_DEVICE_CONTROL_ADMIN'] };
const OPERATOR: Person = { roles: ['ROLE_REMOTE_ACCESS_READ', 'ROLE_DEVICE_CONTROL_ADMIN'] };

/** Chooses an endpoint for `remote-access ssh` as a person who would agree to add one. */
function chooseAs({ roles, devicePermissions }: Person, { isAgreed = false, canAsk = true } = {}) {
  const added: EndpointBody[] = [];
  const asked: string[] = [];
  const client = {
    json: (method: string, path: string, _what: string, { json }: { json?: EndpointBody } = {}) => {
      if (path === '/user/currentUser') {
        const effectiveRoles = roles.map(name => ({ id: name, name }));
        return Promise.resolve({ effectiveRoles, devicePermissions });
      }
      if (method === 'GET') return Promise.resolve([SHELL]);
      added.push(json!);
      return Promise.resolve({ ...json, id: '2' });
    },
  } as unknown as PlatformClient;
  const confirm = (question: string): Promise<boolean> => {
    asked.push(question);
    return Promise.resolve(true);
  };
  const questions = { canAsk, confirm } as unknown as Questions;
  const chosen = new EndpointDirectory(client).choose(GATEWAY, 'Shell', purposeOf('ssh'), {
    questions,
    isAgreed,
    note: () => undefined,
  });
  return { chosen, added, asked };
}

describe('an SSH server without a PASSTHROUGH endpoint', () => {
  it('gets one if the user may add it and agrees', async () => {
    const { chosen, added, asked } = chooseAs(ENGINEER);
    expect(await chosen).toMatchObject({ endpoint: { id: '2' }, named: { id: '1' } });
    expect(added).toEqual([
      { name: 'Shell (TCP)', hostname: 'plc', port: 22, protocol: 'PASSTHROUGH' },
    ]);
    expect(asked).toEqual([expect.stringContaining('Add the endpoint "Shell (TCP)" for plc:22?')]);
  });

  it('gets one without a question if the user has said so', async () => {
    const { chosen, added, asked } = chooseAs(ENGINEER, { isAgreed: true, canAsk: false });
    await chosen;
    expect([added.length, asked.length]).toEqual([1, 0]);
  });

  it('is not offered one if the user may not add it, but told what is missing', async () => {
    const { chosen, added, asked } = chooseAs(OPERATOR);
    const failure = (await chosen.catch((cause: unknown) => cause)) as CliFailure;
    expect(failure).toMatchObject({ kind: 'unsuitable' });
    expect(failure.message).toMatch(
      /You may not add one: you need the permission ADMIN for "Remote access"\.$/,
    );
    expect(failure.hint).not.toContain('--add');
    expect([added, asked]).toEqual([[], []]);
  });

  it('is refused with --add if the user may not add it', async () => {
    const { chosen, added } = chooseAs({ roles: [] }, { isAgreed: true });
    await expect(chosen).rejects.toMatchObject({
      kind: 'forbidden',
      message: expect.stringMatching(/ADMIN for "Remote access" and ADMIN for "Device control"/),
    });
    expect(added).toEqual([]);
  });

  it('leaves the decision to the service if the user operates some devices', async () => {
    const { chosen, added } = chooseAs({
      roles: ['ROLE_REMOTE_ACCESS_ADMIN'],
      devicePermissions: { '1001': ['OPERATION:*:ADMIN'] },
    });
    await chosen;
    expect(added).toHaveLength(1);
  });

  it('says how to add one where nobody can be asked', async () => {
    const { chosen } = chooseAs(ENGINEER, { canAsk: false });
    await expect(chosen).rejects.toMatchObject({
      kind: 'unsuitable',
      hint: 'Run the command with --add to add one.',
    });
  });
});
