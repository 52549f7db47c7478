import type { UpgradeHandler } from './admission';

/** Characters of a parameter. Nothing else is decoded, so that an address has one spelling. */
const PARAMETER = '[\\w-]{1,128}';

/**
 * A path with parameters, such as `/client/:deviceId/configurations/:configId`, and who serves it.
 * The path matches exactly: no other case, no trailing slash, no `%2f`, `//` or `..`.
 */
export class UpgradeRoute {
  private readonly expression: RegExp;
  private handler: UpgradeHandler | undefined;
  private isClosed = false;

  constructor(readonly path: string) {
    const source = path.replace(/:(\w+)/g, `(?<$1>${PARAMETER})`);
    this.expression = new RegExp(`^${source}$`);
  }

  /** Called once by the gateway class that declares the route, in its `afterInit`. */
  serve(handler: UpgradeHandler): void {
    this.handler = handler;
  }

  /** From now on every upgrade is refused. */
  close(): void {
    this.isClosed = true;
  }

  /** @returns the parameters; `undefined` if the path does not match */
  match(path: string): Readonly<Record<string, string>> | undefined {
    const found = this.expression.exec(path);
    return found ? { ...found.groups } : undefined;
  }

  /** `undefined` once the route is closed. */
  get open(): UpgradeHandler | undefined {
    return this.isClosed ? undefined : this.handler;
  }
}
