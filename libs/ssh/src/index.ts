export type { ProvedHostKeys } from './connection-callbacks';
export * from './fetch-host-keys';
export * from './host-key-judge';
export * from './open-shell';
export * from './shell-stream';
export * from './ssh-endpoint';
