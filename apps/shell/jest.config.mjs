const root = `${import.meta.dirname}/../..`;

/** For the sign-in page. The rest of the shell comes from the SDK and is tested in the browser. */
export default {
  displayName: 'shell',
  rootDir: import.meta.dirname,
  testEnvironment: `${root}/node_modules/jest-environment-jsdom`,
  setupFiles: ['<rootDir>/jest.setup.cjs'],
  testMatch: ['<rootDir>/src/**/*.spec.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
};
