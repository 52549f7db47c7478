import { type Refusal, RemoteAccessError, type TenantId } from '@remote-access/contracts';

/** The tenant and user that memory is charged to. */
export interface MemoryOwner {
  readonly tenant: TenantId;
  /** Absent if no single user is responsible: then only the tenant's limit applies. */
  readonly userName?: string;
}

/** Callers who are not authenticated yet share the limit of one user. */
export const UNAUTHENTICATED: MemoryOwner = { tenant: '', userName: '' };

/**
 * WebSocket handshakes. Their number is limited, and bodies of unauthenticated requests cannot
 * block them.
 */
export const HANDSHAKES: MemoryOwner = { tenant: '' };

/** Connections forwarded to another replica; only that replica knows the user. */
export const FORWARDED: MemoryOwner = { tenant: 'forwarded' };

/** Bytes of a request that Node buffers before the request is read: one read and its remainder. */
export const UNREAD_BYTES = 80 * 1024;

/** Limits of the bytes that may be buffered at a time. */
export interface MemoryLimits {
  readonly processBytes: number;
  readonly tenantBytes: number;
  readonly userBytes: number;
}

/**
 * Half of the process's memory is for buffers. The rest is for code, objects, connections without a
 * request, and garbage. A tenant may use half of the buffers, or all of them if it is the only one;
 * a user may use a quarter.
 */
export function memoryLimits(processLimitBytes: number, hasOneTenant: boolean): MemoryLimits {
  const processBytes = Math.floor(processLimitBytes / 2);
  return {
    processBytes,
    tenantBytes: hasOneTenant ? processBytes : Math.floor(processBytes / 2),
    userBytes: Math.floor(processBytes / 4),
  };
}

/**
 * Bytes that one owner may buffer. Release it at the end. After that it cannot grow, so that work
 * for a caller who has left ends soon.
 */
export class Reservation {
  private reserved = 0;
  private isReleased = false;
  private readonly owner: MemoryOwner;

  /** @param owner may be a larger object, such as a caller with all roles; it is not retained */
  constructor(
    private readonly budget: MemoryBudget,
    { tenant, userName }: MemoryOwner,
  ) {
    this.owner = userName === undefined ? { tenant } : { tenant, userName };
  }

  get bytes(): number {
    return this.reserved;
  }

  /** @returns the refusal if there is no room to grow; then nothing changes */
  resize(bytes: number): Refusal | undefined {
    if (this.isReleased) return bytes > 0 ? new RemoteAccessError('too-many-requests') : undefined;
    const refusal = this.budget.change(this.owner, bytes - this.reserved);
    if (!refusal) this.reserved = bytes;
    return refusal;
  }

  release(): void {
    this.resize(0);
    this.isReleased = true;
  }
}

/** Accounts for everything that is buffered: in total, per tenant and per user. */
export class MemoryBudget {
  private total = 0;
  private readonly ofTenant = new Map<TenantId, number>();
  private readonly ofUser = new Map<string, number>();
  private readonly waiting = new Set<() => void>();
  private isTelling = false;

  constructor(private readonly limits: MemoryLimits) {}

  get usedBytes(): number {
    return this.total;
  }

  get limitBytes(): number {
    return this.limits.processBytes;
  }

  /** The number of sessions waiting for memory. */
  get waitingCount(): number {
    return this.waiting.size;
  }

  /** @returns `too-many-requests`, naming the limit */
  reserve(owner: MemoryOwner, bytes: number): Reservation | Refusal {
    const reservation = new Reservation(this, owner);
    return reservation.resize(bytes) ?? reservation;
  }

  /** Adds or subtracts bytes; used by {@link Reservation}. */
  change({ tenant, userName }: MemoryOwner, bytes: number): Refusal | undefined {
    const user = userName === undefined ? undefined : JSON.stringify([tenant, userName]);
    const tenantBytes = (this.ofTenant.get(tenant) ?? 0) + bytes;
    const userBytes = user === undefined ? 0 : (this.ofUser.get(user) ?? 0) + bytes;
    if (bytes > 0) {
      const { limits } = this;
      if (userBytes > limits.userBytes) return full('a user', limits.userBytes);
      if (tenantBytes > limits.tenantBytes) return full('a tenant', limits.tenantBytes);
      if (this.total + bytes > limits.processBytes) return full('the service', limits.processBytes);
    }
    this.total += bytes;
    setOrDelete(this.ofTenant, tenant, tenantBytes);
    if (user !== undefined) setOrDelete(this.ofUser, user, userBytes);
    if (bytes < 0) this.tellWaiting();
    return undefined;
  }

  /**
   * Calls back whenever memory has become free; those that have waited longest come first.
   * @returns a function that unregisters the listener
   */
  whenFreed(listener: () => void): () => void {
    this.waiting.add(listener);
    return () => this.waiting.delete(listener);
  }

  private tellWaiting(): void {
    if (this.isTelling || this.waiting.size === 0) return;
    this.isTelling = true;
    setImmediate(() => {
      this.isTelling = false;
      for (const listener of [...this.waiting]) listener();
    });
  }
}

function setOrDelete<Key>(map: Map<Key, number>, key: Key, value: number): void {
  if (value > 0) map.set(key, value);
  else map.delete(key);
}

function full(whose: string, bytes: number): Refusal {
  const mebibytes = Math.max(1, Math.round(bytes / 1024 / 1024));
  const detail = `The memory of ${whose} is in use: its limit is ${mebibytes} MiB. Try again later.`;
  return new RemoteAccessError('too-many-requests', { detail });
}
