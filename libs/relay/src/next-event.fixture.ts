import type { FramedConnection } from './framed-connection';

type Event = 'message' | 'ping' | 'pong' | 'error' | 'close' | 'read';

/** The details of the next such event; rejects with the connection's error, like `once` of Node. */
export function nextEvent(connection: FramedConnection, event: Event): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    const failed = (cause: Error): void => reject(cause);
    if (event !== 'error') connection.once('error', failed);
    connection.once(event, (...details: unknown[]) => {
      connection.off('error', failed);
      resolve(details);
    });
  });
}
