import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

// Tests run on the sources, through swc: nothing needs to be built first.
const sources = {
  '^@remote-access/contracts/platform$': '<rootDir>/libs/contracts/src/platform/index.ts',
  '^@remote-access/(contracts|settings|streams|relay|yamux|network|bayeux|ssh-keys|ssh|telnet|vnc|testkit)$':
    '<rootDir>/libs/$1/src/index.ts',
  '^@remote-access/(emulator|microservice|agent|cli)$': '<rootDir>/apps/$1/src/index.ts',
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
    // Lazy: most specs use little of what the libraries that they import would load.
    module: { type: 'commonjs', ignoreDynamic: true, lazy: true },
    sourceMaps: 'inline',
  },
];

// Only the sources are crawled, not node_modules and not what was built.
const SOURCES = [
  ...readdirSync(join(import.meta.dirname, 'libs')).map(name => `libs/${name}`),
  ...['apps/emulator', 'apps/microservice', 'apps/agent', 'apps/cli', 'tools/demo-target'],
].map(workspace => `<rootDir>/${workspace}/src`);

const node = {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  transform: { '^.+\\.ts$': swc, '/node_modules/aedes/.+\\.js$': swc },
  // An ECMAScript module, which Jest cannot require on every version of Node.
  transformIgnorePatterns: ['/node_modules/(?!aedes/)'],
  // The first that exists is taken: our own imports are resolved at the first attempt.
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
  moduleNameMapper: sources,
};

export default {
  watchman: false,
  // Tests wait for servers half of the time.
  maxWorkers: availableParallelism() + 1,
  // Generous, because the machines that run this are shared.
  testTimeout: 30_000,
  projects: [
    {
      ...node,
      displayName: 'unit',
      roots: SOURCES,
      testMatch: [
        '<rootDir>/libs/*/src/**/*.spec.ts',
        '<rootDir>/apps/{emulator,microservice,agent,cli}/src/**/*.spec.ts',
      ],
    },
    {
      ...node,
      displayName: 'whole',
      setupFilesAfterEnv: ['<rootDir>/test/second-attempt.cjs'],
      roots: [...SOURCES, '<rootDir>/test'],
      testMatch: [
        '<rootDir>/test/{repo,conformance,integration,interop,security,soak}/**/*.spec.ts',
        // They start shells, X displays and servers of this machine.
        '<rootDir>/tools/demo-target/src/**/*.spec.ts',
      ],
    },
    {
      ...node,
      // In a network namespace of its own: tools/network-tests.mjs.
      displayName: 'network',
      roots: [...SOURCES, '<rootDir>/test'],
      testMatch: ['<rootDir>/test/network/**/*.spec.ts'],
    },
    '<rootDir>/apps/plugin/jest.config.mjs',
    '<rootDir>/apps/shell/jest.config.mjs',
  ],
};
