import type { PlatformAnswer } from './platform-calls';

/** The way of files to the tenant and back, with the credentials of who is signed in. */
export abstract class FileCalls {
  /** Sends a file as it is. */
  abstract upload(path: string, file: string, mediaType: string): Promise<PlatformAnswer>;

  /** Fetches a file: where the status is 200 the answer's `file` has it. */
  abstract download(path: string): Promise<PlatformAnswer & { file?: Blob }>;
}
