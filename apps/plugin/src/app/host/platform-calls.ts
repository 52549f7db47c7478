/** The way to the tenant with the credentials of who is signed in. */
export abstract class PlatformCalls {
  /**
   * Calls the platform.
   * @param path from the root, e.g. `/service/remoteaccess/…`
   * @returns the status, 0 when no answer came, and the JSON body or `undefined`.
   */
  abstract call(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    body?: object,
  ): Promise<PlatformAnswer>;

  /** The address of a WebSocket of this tenant. */
  abstract webSocketAddress(path: string): string;
}

export interface PlatformAnswer {
  status: number;
  body: unknown;
}
