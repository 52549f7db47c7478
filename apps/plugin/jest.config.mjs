import presets from 'jest-preset-angular/presets/index.js';

const root = `${import.meta.dirname}/../..`;

/** Components and framework-free classes alike run in jsdom. */
export default {
  ...presets.createCjsPreset({ tsconfig: '<rootDir>/tsconfig.spec.json' }),
  displayName: 'plugin',
  rootDir: import.meta.dirname,
  testMatch: ['<rootDir>/src/**/*.spec.ts'],
  setupFilesAfterEnv: ['<rootDir>/jest.setup.ts'],
  moduleNameMapper: {
    '^@remote-access/contracts$': `${root}/libs/contracts/src/index.ts`,
    '^@remote-access/contracts/platform$': `${root}/libs/contracts/src/platform/index.ts`,
    '^lodash-es$': 'lodash',
    '\\.css$': '<rootDir>/jest.empty.cjs',
  },
  // The SDK and its dependencies are published as ES modules only.
  transformIgnorePatterns: [
    'node_modules/(?!.*\\.mjs$|@c8y|@angular|@ngx-translate|ngx-bootstrap|lodash-es|@xterm)',
  ],
};
