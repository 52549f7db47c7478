export * from './cryptography';
export * from './demand-password';
export * from './handshake';
export * from './handshake-runner';
export * from './node-cryptography';
export * from './open-vnc';
export * from './security-types';
export * from './server-init';
export type { Needs, VncCredentials } from './sign-in-context';
