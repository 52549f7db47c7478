export * from './open-vnc';
export * from './security-types';
export type { Needs, VncCredentials } from './sign-in-context';
