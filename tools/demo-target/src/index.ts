export * from './demo-target';
export * from './small-ssh-server';
export * from './system-sshd';
