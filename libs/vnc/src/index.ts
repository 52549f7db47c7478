export * from './crypto/cryptography';
export * from './crypto/node-cryptography';
export * from './handshake/handshake';
export * from './handshake/security-types';
export { serverInit, type ScreenSize } from './handshake/server-role';
export { isAmbiguous, requirePassword } from './methods/vnc-authentication';
export type { Needs, VncCredentials } from './methods/sign-in-method';
export * from './open-vnc';
export * from './transport/handshake-runner';
