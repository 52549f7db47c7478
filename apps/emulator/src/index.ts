export { Emulator, type EmulatorOptions } from './emulator';
export type { Store } from './store/store';
export { oneTimeCode } from './auth/one-time-code';
