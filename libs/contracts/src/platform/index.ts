export * from './audit-record';
export * from './managed-object';
export * from './operation';
export * from './options';
export * from './user';
