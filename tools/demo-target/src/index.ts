export * from './small-ssh-server';
export * from './small-telnet-server';
export * from './operating-panel';
export * from './small-vnc-server';
export * from './x-panel';
