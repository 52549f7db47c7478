import { EndpointPermissions } from './endpoint-permissions';

const DEVICE = '1001';

function verdict(roles: string[], devicePermissions: Record<string, string[]> = {}) {
  return new EndpointPermissions({ roles: new Set(roles), devicePermissions });
}

describe('EndpointPermissions', () => {
  it('names both missing permissions of a user who only sees devices', () => {
    const viewer = verdict(['ROLE_INVENTORY_READ']);
    expect(viewer.maySeeEndpoints).toBe(false);
    expect(viewer.missingMessage.values).toEqual({
      permissions: ['READ for "Remote access"', 'ADMIN for "Device control"'],
    });
  });

  it('names a single missing permission', () => {
    const user = verdict(['ROLE_DEVICE_CONTROL_ADMIN']);
    expect(user.missingMessage.values).toEqual({ permissions: ['READ for "Remote access"'] });
  });

  it('lets a reader connect but not configure', () => {
    const operator = verdict(['ROLE_REMOTE_ACCESS_READ', 'ROLE_DEVICE_CONTROL_ADMIN']);
    expect(operator.maySeeEndpoints).toBe(true);
    expect(operator.missingToConnect).toEqual([]);
    expect(operator.mayConfigure).toBe(false);
    expect(operator.restrictionToConnect).toBeUndefined();
    expect(operator.restrictionToConfigure?.values).toEqual({
      permissions: ['ADMIN for "Remote access"'],
    });
  });

  it('accepts ADMIN as READ', () => {
    const engineer = verdict(['ROLE_REMOTE_ACCESS_ADMIN', 'ROLE_DEVICE_CONTROL_ADMIN']);
    expect(engineer.maySeeEndpoints).toBe(true);
    expect(engineer.mayConfigure).toBe(true);
    expect(engineer.restrictionToConnect).toBeUndefined();
    expect(engineer.restrictionToConfigure).toBeUndefined();
  });

  it('leaves the decision to the platform if only device control is missing', () => {
    const reader = verdict(['ROLE_REMOTE_ACCESS_READ']);
    expect(reader.maySeeEndpoints).toBe(true);
    expect(reader.restrictionToConnect?.values).toEqual({
      permissions: ['ADMIN for "Device control"'],
    });
    expect(reader.restrictionToConfigure?.values).toEqual({
      permissions: ['ADMIN for "Remote access"', 'ADMIN for "Device control"'],
    });
  });

  it.each(['*:*:*', 'OPERATION:*:ADMIN', 'OPERATION:c8y_RemoteAccessConnect:*'])(
    'counts the permission %s for this device',
    permission => {
      const user = verdict(['ROLE_REMOTE_ACCESS_ADMIN'], { [DEVICE]: [permission] });
      expect(user.mayConfigure).toBe(true);
    },
  );

  it.each(['OPERATION:*:READ', 'OPERATION:c8y_Restart:ADMIN', 'ALARM:*:ADMIN'])(
    'does not count the permission %s',
    permission => {
      const user = verdict(['ROLE_REMOTE_ACCESS_ADMIN'], { [DEVICE]: [permission] });
      expect(user.mayConfigure).toBe(false);
    },
  );

  it('leaves it to the service if the permission is for another object, perhaps a group', () => {
    const user = verdict(['ROLE_REMOTE_ACCESS_ADMIN'], { '2001': ['*:*:*'] });
    expect(user.mayConfigure).toBe(true);
  });
});
