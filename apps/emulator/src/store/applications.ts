import { Collection } from './collection';

/** A version of an uploaded package, such as a plugin. */
export interface ApplicationVersion {
  readonly version: string;
  readonly binaryId: string;
  readonly tags: readonly string[];
}

/** The plugins that a shell loads: context path, optionally with `@version`, → modules. */
export type Remotes = Readonly<Record<string, readonly string[]>>;

/** An application object of the platform. */
export interface Application {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly contextPath: string;
  readonly type: 'HOSTED' | 'MICROSERVICE' | 'EXTERNAL';
  readonly availability: 'MARKET' | 'PRIVATE' | 'SHARED';
  readonly config?: { readonly remotes?: Remotes; readonly excludedRemotes?: Remotes };
  /** The category of tenant options whose credentials the application may read in plain text. */
  readonly settingsCategory?: string;
  /** The tenant that owns it; the platform's own belong to {@link PLATFORM}. */
  readonly owner: string;
  /** The subscribed tenants; `undefined` for all tenants. */
  readonly subscribers?: readonly string[];
  readonly manifest?: Readonly<Record<string, unknown>>;
  readonly activeVersionId?: string;
  readonly versions?: readonly ApplicationVersion[];
  /** The application that this one was cloned from and whose files it serves. */
  readonly clonedFrom?: string;
}

/** The owner of the platform's own applications. */
export const PLATFORM = 'management';

/** The applications of the platform and of its tenants. */
export class Applications {
  private readonly items: Collection<Application>;

  constructor(touched: () => void, items: readonly Application[] = []) {
    this.items = new Collection({ touched }, items);
  }

  get(id: string): Application | undefined {
    return this.items.get(id);
  }

  list(): Application[] {
    return this.items.list();
  }

  put(application: Application): Application {
    return this.items.put(application);
  }

  delete(id: string): boolean {
    return this.items.delete(id);
  }

  /** A new id, above those of the seed. */
  nextId(): string {
    return String(Math.max(99, ...this.list().map(({ id }) => Number(id))) + 1);
  }

  /**
   * What a tenant owns or is subscribed to. If two have the same context path, the tenant's own
   * hides the inherited one.
   */
  visibleTo(tenant: string): Application[] {
    const visible = this.list().filter(one => one.owner === tenant || isSubscribed(one, tenant));
    const own = new Set(visible.filter(one => one.owner === tenant).map(one => one.contextPath));
    return visible.filter(one => one.owner === tenant || !own.has(one.contextPath));
  }

  byContextPath(tenant: string, contextPath: string): Application | undefined {
    return this.visibleTo(tenant).find(one => one.contextPath === contextPath);
  }

  toJSON(): Application[] {
    return this.items.toJSON();
  }
}

export function isSubscribed({ subscribers }: Application, tenant: string): boolean {
  return subscribers === undefined || subscribers.includes(tenant);
}
