/**
 * Ids are strings. The brand only prevents passing, for example, a device's id where an endpoint's
 * is expected.
 */
type Branded<Name extends string> = string & { readonly __name?: Name };

/** A Cumulocity tenant, e.g. `t1001`. */
export type TenantId = Branded<'TenantId'>;
/** The id of a gateway's managed object. */
export type DeviceId = Branded<'DeviceId'>;
/** The id of an endpoint, a short string unique on its device. */
export type EndpointId = Branded<'EndpointId'>;
/** The id of an operation on the platform. */
export type OperationId = Branded<'OperationId'>;

const CONNECTION_KEY = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether a text has the form of a connection key, a lower-case UUID. */
export function isConnectionKey(text: string): boolean {
  return CONNECTION_KEY.test(text);
}
