import { availableParallelism } from 'node:os';

// Tests run on the sources, through swc: nothing needs to be built first.
const sources = {
  '^@remote-access/contracts/platform$': '<rootDir>/libs/contracts/src/platform/index.ts',
  '^@remote-access/(contracts|settings|streams|bayeux|ssh-keys|ssh|telnet|vnc|testkit)$':
    '<rootDir>/libs/$1/src/index.ts',
  '^@remote-access/(emulator|microservice|agent)$': '<rootDir>/apps/$1/src/index.ts',
};

const swc = [
  '@swc/jest',
  {
    jsc: {
      target: 'es2022',
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true },
      keepClassNames: true,
    },
    module: { type: 'commonjs', ignoreDynamic: true },
    sourceMaps: 'inline',
  },
];

const node = {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  transform: { '^.+\\.ts$': swc },
  moduleNameMapper: sources,
};

export default {
  // Half of the time they wait for servers.
  maxWorkers: availableParallelism() + 1,
  // A bound, not a wait: the machines that run this are shared.
  testTimeout: 30_000,
  projects: [
    {
      ...node,
      displayName: 'unit',
      testMatch: [
        '<rootDir>/libs/*/src/**/*.spec.ts',
        '<rootDir>/apps/{emulator,microservice,agent}/src/**/*.spec.ts',
        '<rootDir>/tools/demo-target/src/**/*.spec.ts',
      ],
    },
    {
      ...node,
      displayName: 'whole',
      testMatch: ['<rootDir>/test/{repo,conformance,integration,interop,security}/**/*.spec.ts'],
    },
    '<rootDir>/apps/plugin/jest.config.mjs',
    '<rootDir>/apps/shell/jest.config.mjs',
  ],
};
