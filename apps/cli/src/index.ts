export { createProgram, run } from './program';
export type { Surroundings } from './commands/context';
