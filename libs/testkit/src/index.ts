export * from './chopping';
export * from './local-stack';
export * from './sshd';
export * from './temporary-folder';
export * from './tcp-target';
export * from './wait-until';
