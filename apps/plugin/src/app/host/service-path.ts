/** Set by webpack to the folder of remoteEntry.js. */
declare const __webpack_public_path__: string | undefined;

/** The path under which the plugin's code addresses the service; see {@link ServicePath}. */
const USUAL = '/service/remoteaccess';

/** A file next to remoteEntry.js: `{ "contextPath": "remoteaccess" }`. */
const FILE = 'remote-access.json';

/** What the platform accepts as a context path. */
const CONTEXT_PATH = /^[a-zA-Z0-9][\w.-]*$/;

/**
 * The path of the service, which is `/service/remoteaccess` unless the plugin's configuration names
 * another context path. The configuration is read before the first request.
 */
export class ServicePath {
  private base = USUAL;
  private reading: Promise<void> | undefined;

  /** @param folder the folder of the plugin, with a trailing slash */
  constructor(
    private readonly folder = typeof __webpack_public_path__ === 'string'
      ? __webpack_public_path__
      : '',
    private readonly read: (address: string) => Promise<unknown> = readJson,
  ) {}

  /** Reads the configuration once. If it is missing or damaged, the default path is used. */
  ready(): Promise<void> {
    this.reading ??= this.configure();
    return this.reading;
  }

  /** Replaces `/service/remoteaccess` at the beginning of a path. */
  in(path: string): string {
    return path.startsWith(`${USUAL}/`) ? this.base + path.slice(USUAL.length) : path;
  }

  private async configure(): Promise<void> {
    try {
      const configuration = await this.read(`${this.folder}${FILE}`);
      const { contextPath } = configuration as { contextPath?: unknown };
      if (typeof contextPath === 'string' && CONTEXT_PATH.test(contextPath)) {
        this.base = `/service/${contextPath}`;
      }
    } catch {
      // Keeps the default path; if the service is elsewhere, its pages say that it cannot be
      // reached.
    }
  }
}

async function readJson(address: string): Promise<unknown> {
  const response = await fetch(address, { cache: 'no-cache' });
  return response.json();
}
