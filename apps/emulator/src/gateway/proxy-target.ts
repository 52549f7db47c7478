/** Where a request goes. */
export interface ProxyTarget {
  /** Authority for the `Host` header. */
  readonly host: string;
  readonly hostname: string;
  readonly port: number;
  /** Path and query there. */
  readonly path: string;
  /** What was stripped from the caller's path. */
  readonly prefix: string;
}
