export * from './client-message';
export * from './confirmation';
export * from './endpoint';
export * from './error-catalogue';
export * from './hints';
export * from './errors';
export * from './gateway';
export * from './ids';
export * from './keys';
export * from './printable';
export * from './server-message';
export * from './session';
export * from './settings';
export * from './transfer';
export * from './watching';
export {
  isCount,
  QUESTION_LIMITS,
  readTerminalSize,
  STEPS,
  SUBPROTOCOLS,
  type EndedBy,
  type Step,
} from './wire';
