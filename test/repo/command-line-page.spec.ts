import { commandLinePage } from '@remote-access/cli';
import { read } from './repository';

// Written by `npm run docs`.
it('docs/command-line.md is what the program says about itself', () => {
  expect(read('docs/command-line.md')).toBe(commandLinePage());
});
