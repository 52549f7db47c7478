export * from './demo-target';
export * from './small-ssh-server';
export * from './system-sshd';
export * from './operating-panel';
export * from './small-vnc-server';
export * from './x-panel';
