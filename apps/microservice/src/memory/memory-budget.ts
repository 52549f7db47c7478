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
    if (this.tryResize(bytes)) return undefined;
    return this.isReleased
      ? new RemoteAccessError('too-many-requests')
      : this.budget.refusal(this.owner, bytes - this.reserved);
  }

  /**
   * Like `resize`, for callers that wait and try again: creating an error with its stack trace
   * takes longer than everything else.
   * @returns whether there was room
   */
  tryResize(bytes: number): boolean {
    if (this.isReleased) return bytes <= 0;
    const isChanged = this.budget.change(this.owner, bytes - this.reserved);
    if (isChanged) this.reserved = bytes;
    return isChanged;
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

  /**
   * Adds or subtracts bytes; used by {@link Reservation}.
   * @returns whether there was room
   */
  change(owner: MemoryOwner, bytes: number): boolean {
    if (this.fullFor(owner, bytes)) return false;
    const user = keyOfUser(owner);
    this.total += bytes;
    setOrDelete(this.ofTenant, owner.tenant, (this.ofTenant.get(owner.tenant) ?? 0) + bytes);
    if (user !== undefined) setOrDelete(this.ofUser, user, (this.ofUser.get(user) ?? 0) + bytes);
    if (bytes < 0) this.tellWaiting();
    return true;
  }

  /** Why there is no room; used by {@link Reservation}. */
  refusal(owner: MemoryOwner, bytes: number): Refusal {
    const [whose, limit] = this.fullFor(owner, bytes) ?? ['the service', this.limitBytes];
    const mebibytes = Math.max(1, Math.round(limit / 1024 / 1024));
    const detail = `The memory of ${whose} is in use: its limit is ${mebibytes} MiB. Try again later.`;
    return new RemoteAccessError('too-many-requests', { detail });
  }

  /** Whose limit so many more bytes would exceed. */
  private fullFor(owner: MemoryOwner, bytes: number): [whose: string, limit: number] | undefined {
    if (bytes <= 0) return undefined;
    const { userBytes, tenantBytes, processBytes } = this.limits;
    const user = keyOfUser(owner);
    const ofUser = user === undefined ? 0 : (this.ofUser.get(user) ?? 0) + bytes;
    if (ofUser > userBytes) return ['a user', userBytes];
    const ofTenant = (this.ofTenant.get(owner.tenant) ?? 0) + bytes;
    if (ofTenant > tenantBytes) return ['a tenant', tenantBytes];
    return this.total + bytes > processBytes ? ['the service', processBytes] : undefined;
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

function keyOfUser({ tenant, userName }: MemoryOwner): string | undefined {
  return userName === undefined ? undefined : JSON.stringify([tenant, userName]);
}
