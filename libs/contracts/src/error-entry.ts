/** What can be refused or fail, and how each case is told over HTTP, WebSocket and in the UI. */
export interface ErrorEntry {
  /** Status of an HTTP answer, also of an upgrade that is refused. */
  readonly httpStatus: number;
  /** Close code of a client's WebSocket: 4000 + the HTTP status. */
  readonly closeCode: number;
  /** Whether trying again unchanged may help. */
  readonly retry: boolean;
  /** For the user: what happened and what to do. */
  readonly text: string;
  /** For who runs the service: where to look. */
  readonly hint: string;
}

/** A row of the catalogue. */
export const entry = (
  httpStatus: number,
  retry: boolean,
  text: string,
  hint: string,
): ErrorEntry => ({
  httpStatus,
  closeCode: 4000 + httpStatus,
  retry,
  text,
  hint,
});
