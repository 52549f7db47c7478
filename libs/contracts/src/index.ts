export * from './close-codes';
export * from './endpoint';
export * from './errors';
export * from './ids';
export * from './keys';
export * from './settings';
export * from './transfer';
export * from './wire';
