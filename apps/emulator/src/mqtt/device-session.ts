import { FRAGMENTS, type Operation, type OperationStatus } from '@remote-access/contracts/platform';
import type { Actor } from '../rest/call';
import { agentOf, changeOperation } from '../api/operations';
import { mayAccess, owns } from '../auth/device-access';
import { PlatformRefusal } from '../auth/platform-refusal';
import {
  deviceWithSerial,
  operationNotification,
  operationRow,
  SERIAL,
} from './operation-messages';
import { formatRow } from './smartrest-lines';

/** A message to a device. */
export interface Downstream {
  readonly topic: 's/ds' | 's/dat' | 's/dcr' | 's/e' | 'devicecontrol/notifications';
  readonly payload: string;
}

/**
 * The statuses that the templates set, either on the oldest operation with a fragment or on one by
 * its id.
 */
const STATUS_TEMPLATES = new Map<
  string,
  { by: 'fragment' | 'id'; from: OperationStatus; to: OperationStatus }
>([
  ['501', { by: 'fragment', from: 'PENDING', to: 'EXECUTING' }],
  ['502', { by: 'fragment', from: 'EXECUTING', to: 'FAILED' }],
  ['503', { by: 'fragment', from: 'EXECUTING', to: 'SUCCESSFUL' }],
  ['504', { by: 'id', from: 'PENDING', to: 'EXECUTING' }],
  ['505', { by: 'id', from: 'EXECUTING', to: 'FAILED' }],
  ['506', { by: 'id', from: 'EXECUTING', to: 'SUCCESSFUL' }],
]);

/** A row that cannot be executed; the device receives the error on `s/e`. */
class RowError extends Error {}

/** A device signed in over MQTT; executes its SmartREST rows. */
export class DeviceSession {
  constructor(
    private readonly actor: Actor,
    readonly serial: string,
    private readonly send: (message: Downstream) => void,
  ) {}

  /** @param childSerial the third level of the topic `s/us/CHILD`, if there is one */
  receive(row: readonly string[], childSerial?: string): void {
    const [template = '', ...values] = row;
    try {
      const described = template === '100' ? values : [];
      this.apply(template, values, this.device(childSerial, described));
    } catch (cause) {
      if (!(cause instanceof RowError)) throw cause;
      this.send({ topic: 's/e', payload: formatRow(['41', template, cause.message]) });
    }
  }

  /** Sends an operation if it is for this device or one of its children. */
  offer(operation: Operation): void {
    const { tenant } = this.actor;
    const own = deviceWithSerial(tenant, this.serial);
    const recipient = agentOf(tenant, operation.deviceId) ?? operation.deviceId;
    if (own === undefined || (own !== recipient && own !== operation.deviceId)) return;
    const row = operationRow(tenant, operation);
    if (row !== undefined) this.send({ topic: 's/ds', payload: row });
    const payload = operationNotification(tenant, operation);
    this.send({ topic: 'devicecontrol/notifications', payload });
  }

  private apply(template: string, values: readonly string[], deviceId: string): void {
    switch (template) {
      case '100':
        // The device exists by now.
        return;
      case '101':
        return this.addChild(deviceId, values);
      case '114':
        return this.describe(deviceId, { c8y_SupportedOperations: values.filter(Boolean) });
      case '122': {
        const [name, version, url] = values;
        return this.describe(deviceId, { c8y_Agent: { name, version, url } });
      }
      case '123':
        return this.send({ topic: 's/ds', payload: formatRow(['124', deviceId]) });
      case '150':
        return this.describe(deviceId, { [FRAGMENTS.supportedProtocols]: values.filter(Boolean) });
      case '500':
        for (const operation of this.actor.tenant.operations.list()) {
          if (operation.status === 'PENDING') this.offer(operation);
        }
        return;
      case '507':
        return this.failExecuting(deviceId, values[0] ?? '', values[1]);
      default:
        return this.report(template, deviceId, values);
    }
  }

  private report(template: string, deviceId: string, [name = '', reason]: readonly string[]): void {
    const rule = STATUS_TEMPLATES.get(template);
    if (!rule) throw new RowError(`The local platform does not emulate template ${template}`);
    const { operations } = this.actor.tenant;
    const operation =
      rule.by === 'id'
        ? operations.get(name)
        : this.operationsOf(deviceId).find(
            one => one.status === rule.from && Object.hasOwn(one, name),
          );
    if (!operation || !this.isOwn(operation)) {
      throw new RowError(`There is no operation '${name}' to set to ${rule.to}`);
    }
    this.change(operation, rule.to, reason);
  }

  private failExecuting(deviceId: string, fragment: string, reason?: string): void {
    for (const operation of this.operationsOf(deviceId)) {
      if (operation.status !== 'EXECUTING') continue;
      if (fragment === '' || Object.hasOwn(operation, fragment))
        this.change(operation, 'FAILED', reason);
    }
  }

  private change(operation: Operation, status: OperationStatus, reason?: string): void {
    const fields = status === 'FAILED' && reason ? { failureReason: reason } : {};
    const changed = changeOperation(this.actor, operation, fields, status);
    if (changed instanceof PlatformRefusal) throw new RowError(changed.message);
  }

  private operationsOf(deviceId: string): Operation[] {
    return this.actor.tenant.operations.list().filter(one => one.deviceId === deviceId);
  }

  /** Whether an operation is for this device or one of its children. */
  private isOwn({ deviceId }: Operation): boolean {
    const own = deviceWithSerial(this.actor.tenant, this.serial);
    return (
      own !== undefined && this.actor.tenant.hierarchy.selfAndAncestors(deviceId).includes(own)
    );
  }

  /** A device, or a child device, is created when it first sends something. */
  private device(childSerial?: string, [name, type]: readonly string[] = []): string {
    const { tenant, user } = this.actor;
    const own =
      deviceWithSerial(tenant, this.serial) ??
      this.create(
        this.serial,
        name || `MQTT Device ${this.serial}`,
        type || 'c8y_MQTTDevice',
        true,
      );
    if (childSerial === undefined) return own;
    const child = deviceWithSerial(tenant, childSerial);
    if (child === undefined) throw new RowError(`There is no child device '${childSerial}'`);
    const isChild = tenant.hierarchy.selfAndAncestors(child, 'childDevices').includes(own);
    if (!isChild || !owns(user, tenant, child)) throw new RowError('Access is denied');
    return child;
  }

  private addChild(parent: string, [serial = '', name, type]: readonly string[]): void {
    const { tenant } = this.actor;
    if (serial === '') throw new RowError('The identifier of the child device is missing');
    if (deviceWithSerial(tenant, serial) !== undefined) return;
    const child = this.create(
      serial,
      name || `MQTT Device ${serial}`,
      type || 'c8y_MQTTChildDevice',
    );
    tenant.hierarchy.add({ parent, kind: 'childDevices', child });
    tenant.touched();
  }

  private create(serial: string, name: string, type: string, isAgent = false): string {
    const { platform, tenant, user } = this.actor;
    const time = platform.store.now().toISOString();
    const { id } = tenant.managedObjects.put({
      id: tenant.ids.next(),
      name,
      type,
      owner: user.id,
      creationTime: time,
      lastUpdated: time,
      c8y_IsDevice: {},
      ...(isAgent && { com_cumulocity_model_Agent: {} }),
    });
    const externalId = { type: SERIAL, externalId: serial };
    tenant.externalIds.put({ id: `${SERIAL}:${serial}`, ...externalId, managedObjectId: id });
    return id;
  }

  private describe(deviceId: string, fragments: Record<string, unknown>): void {
    const { platform, tenant, user } = this.actor;
    const device = tenant.managedObjects.get(deviceId);
    if (!device) throw new RowError('The device was deleted');
    if (!mayAccess(user, tenant, deviceId, 'MANAGED_OBJECT', 'ADMIN', Object.keys(fragments))) {
      throw new RowError('Access is denied');
    }
    const lastUpdated = platform.store.now().toISOString();
    tenant.managedObjects.put({ ...device, ...fragments, lastUpdated });
  }
}
