export type { ProvedHostKeys } from './connection-callbacks';
export * from './fetch-host-keys';
export * from './host-key-verifier';
export { openShell, type ShellOptions } from './open-shell';
export { ShellStream, type TerminalSize } from './shell-stream';
export type { SshQuestion, SshSignIn } from './sign-in';
export type { SshEndpoint } from './ssh-errors';
