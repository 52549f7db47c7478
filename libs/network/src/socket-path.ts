/**
 * How long the path of a Unix socket may be (unix(7), without the terminating zero). Node cuts longer
 * ones off without an error and listens somewhere else.
 */
export const MAX_SOCKET_PATH_BYTES = process.platform === 'darwin' ? 103 : 107;
