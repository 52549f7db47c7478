export interface PlatformAnswer {
  status: number;
  body: unknown;
  /** The version of what was answered, if the service gives one. */
  etag?: string;
}

/** Calls the tenant's REST API with the credentials of the signed-in user. */
export abstract class PlatformCalls {
  /**
   * @param path from the root; `/service/remoteaccess/…` leads to the service, whatever its path is
   * @param ifMatch the version that a change is meant for
   * @returns the status, 0 when no answer came, and the JSON body or `undefined`
   */
  abstract call(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    body?: object,
    ifMatch?: string,
  ): Promise<PlatformAnswer>;

  /** The address of a WebSocket of this tenant. */
  abstract webSocketAddress(path: string): string;

  /**
   * What follows `Basic ` in the header, if the user signed in by Basic. Unlike a cookie, it does not
   * travel with a WebSocket.
   */
  abstract basicToken(): string | undefined;
}

/** Answers that go on, with the credentials of the signed-in user. */
export abstract class StreamCalls {
  /**
   * The text of an answer, in parts as they arrive. Ends at once if it is refused, or if the browser
   * cannot read answers in parts. Throws if the connection is lost or aborted.
   */
  abstract stream(path: string, accept: string, signal: AbortSignal): AsyncGenerator<string>;
}

/** Uploads and downloads files, with the credentials of the signed-in user. */
export abstract class FileCalls {
  /** Sends a file unchanged. */
  abstract upload(path: string, file: string, mediaType: string): Promise<PlatformAnswer>;

  /** Fetches a file; `file` is set when the status is 200. */
  abstract download(path: string): Promise<PlatformAnswer & { file?: Blob }>;
}
