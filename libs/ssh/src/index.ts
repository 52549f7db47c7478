export type { ProvedHostKeys } from './connection-callbacks';
export * from './fetch-host-keys';
export * from './host-key';
export * from './host-key-judge';
export * from './open-shell';
export * from './pinned-host-keys';
export * from './shell-stream';
export * from './ssh-endpoint';
export * from './private-key';
