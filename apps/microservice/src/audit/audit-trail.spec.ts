import { Log } from '../logging/log';
import { Metrics } from '../metrics/metrics';
import type { Cumulocity } from '../platform/cumulocity';
import { AuditTrail, type ServiceObject } from './audit-trail';

const entry = {
  type: 'Inventory',
  sourceId: '1001',
  activity: 'Remote access endpoint added',
  text: 'Endpoint "Shell" added',
  user: 'engineer',
} as const;

function trailOver(createAuditRecord: (body: unknown) => Promise<void>): AuditTrail {
  const platform = { asService: () => ({ createAuditRecord }) } as unknown as Cumulocity;
  const serviceObject = { idIn: () => Promise.resolve('4711') } as unknown as ServiceObject;
  return new AuditTrail(platform, serviceObject, new Log({ logLevel: 'error' }), new Metrics());
}

describe('the audit trail', () => {
  it('records the user, action, object and time', async () => {
    const written: unknown[] = [];
    await trailOver(body => Promise.resolve(void written.push(body))).record('t1001', entry);
    expect(written).toEqual([
      {
        type: 'Inventory',
        source: { id: '1001' },
        activity: 'Remote access endpoint added',
        text: 'Endpoint "Shell" added',
        user: 'engineer',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        severity: 'INFORMATION',
        application: 'cloud-remote-access',
      },
    ]);
  });

  it('attaches records of settings to the object of the service', async () => {
    const written: unknown[] = [];
    const { activity, text, user } = entry;
    const setting = { type: 'Option', activity, text, user } as const;
    await trailOver(body => Promise.resolve(void written.push(body))).record('t1001', setting);
    expect(written).toEqual([expect.objectContaining({ type: 'Option', source: { id: '4711' } })]);
  });

  it('logs a record that the platform refuses, and does not throw', async () => {
    const lines: string[] = [];
    const stdout = jest
      .spyOn(process.stdout, 'write')
      .mockImplementation(line => lines.push(String(line)) > 0);
    await trailOver(() => Promise.reject(new Error('down'))).record('t1001', entry);
    stdout.mockRestore();
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'error', tenant: 't1001', ...entry });
  });
});
