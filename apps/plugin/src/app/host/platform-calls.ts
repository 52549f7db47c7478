export interface PlatformAnswer {
  status: number;
  body: unknown;
  /** The version of the response body, if the service provides one. */
  etag?: string;
}

export interface CallOptions {
  /** The version that a change is meant for. */
  ifMatch?: string | undefined;
  /** The page shows by itself that it is waiting: the product does not show its loading bar. */
  isQuiet?: boolean;
}

/** Sends requests to the tenant's REST API with the credentials of the signed-in user. */
export abstract class PlatformCalls {
  /**
   * @param path from the root; `/service/remoteaccess/…` leads to the service, whatever its actual
   *   path is
   * @returns the status (0 if no response arrived) and the JSON body or `undefined`
   */
  abstract call(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    body?: object,
    options?: CallOptions,
  ): Promise<PlatformAnswer>;

  /** The address of a WebSocket of this tenant. */
  abstract webSocketAddress(path: string): string;

  /**
   * The part of the header after `Basic `, if the user signed in with Basic authentication. Unlike
   * a cookie, it is not sent when a WebSocket is opened.
   */
  abstract basicToken(): string | undefined;

  /**
   * What has to accompany the sign-in cookie, if the user signed in by cookie. The cookie itself
   * travels with a WebSocket, and no script can read it.
   */
  abstract xsrfToken(): string | undefined;
}

/** Streaming responses, with the credentials of the signed-in user. */
export abstract class StreamCalls {
  /**
   * The text of a response, in chunks as they arrive. Ends immediately if the request is refused,
   * or if the browser does not support streaming. Throws if the connection is lost or aborted.
   */
  abstract stream(path: string, accept: string, signal: AbortSignal): AsyncGenerator<string>;
}

/** Uploads and downloads files, with the credentials of the signed-in user. */
export abstract class FileCalls {
  /** Sends a file unchanged. */
  abstract upload(path: string, file: string, mediaType: string): Promise<PlatformAnswer>;

  /** Downloads a file; `file` is set if the status is 200. */
  abstract download(path: string): Promise<PlatformAnswer & { file?: Blob }>;
}
