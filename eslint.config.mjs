import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import eslint from '@eslint/js';
import angular from 'angular-eslint';
import { defineConfig } from 'eslint/config';
import typescript from 'typescript-eslint';

const ANGULAR = ['apps/{plugin,shell}/src'];
const SPECS = ['**/*.spec.ts', '**/*.fixture.ts', 'test/**/*.ts'];

/** They compare the time of day with times from other systems, or send it to them. */
const USERS_OF_THE_TIME_OF_DAY = [
  'cluster/replica-identity.ts',
  'connect/tickets.ts',
  'platform/platform-requests.ts',
  'sessions/progress.ts',
];

/**
 * What may import what, also enforced by test/repo. `workspaces`: the packages of ours that a workspace
 * may import. `onlyIn`: packages that only one folder may import, so that they can be replaced.
 * `neverIn`: modules that a folder may not import.
 */
const {
  workspaces: WORKSPACES,
  onlyIn: ONLY_IN,
  neverIn: NEVER_IN,
} = JSON.parse(readFileSync(join(import.meta.dirname, 'layers.json'), 'utf8'));

export default defineConfig(
  { ignores: ['**/dist', '**/node_modules', '**/.angular', '.cache', '.stack', 'test-results'] },
  // Rules are not disabled inside files: a rule that is wrong is changed here.
  { linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.{ts,mjs}'],
    extends: [eslint.configs.recommended],
    languageOptions: {
      globals: Object.fromEntries(
        ['process', 'console', 'Buffer', 'URL', 'fetch', 'performance', 'setTimeout']
          .concat(['clearTimeout', 'setInterval', 'clearInterval', 'setImmediate'])
          .map(name => [name, 'readonly']),
      ),
    },
    rules: { eqeqeq: 'error', 'no-empty': 'error', 'object-shorthand': 'error' },
  },
  {
    files: ['**/*.ts'],
    extends: [typescript.configs.strictTypeChecked, typescript.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      // Terminals and greetings consist of control characters.
      'no-control-regex': 'off',
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      // Handlers that return nothing leave early with `return refuse(…)`.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      // An empty environment variable or header counts as absent.
      '@typescript-eslint/prefer-nullish-coalescing': [
        'error',
        { ignorePrimitives: { string: true } },
      ],
      // Modules of Nest and Angular consist of their decorator.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/no-misused-spread': ['error', { allow: ['string'] }],
      // Data from outside is checked even where its type promises more than the sender does.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // The compiler does not see that an index was compared with the length.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      '@typescript-eslint/no-invalid-void-type': 'off',
      // `readJson<Shape>()` tells the reader which shape to expect.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      // Reports interfaces whose functions never use `this`.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
    },
  },
  {
    files: SPECS,
    rules: {
      'no-restricted-properties': ['error', ...focusedTests()],
      // Playwright reads the needed fixtures from the pattern; an empty one means none.
      'no-empty-pattern': ['error', { allowObjectPatternsAsParameters: true }],
      // Assertions check the fields of JSON answers, and with them their types.
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  {
    files: ANGULAR.map(folder => `${folder}/**/*.ts`),
    extends: [angular.configs.tsRecommended],
    processor: angular.processInlineTemplates,
    rules: {
      '@angular-eslint/prefer-on-push-component-change-detection': 'error',
      // This version of the Web SDK requires what later versions deprecate.
      '@typescript-eslint/no-deprecated': 'off',
    },
  },
  {
    files: ANGULAR.map(folder => `${folder}/**/*.html`),
    extends: [angular.configs.templateRecommended, angular.configs.templateAccessibility],
  },
  // The devkit reads these; they belong to no TypeScript project.
  { files: ['apps/*/*.config.ts'], extends: [typescript.configs.disableTypeChecked] },
  {
    // The sign-in page has its own TypeScript project, without Angular.
    files: ['apps/shell/src/login/**/*.ts'],
    languageOptions: {
      parserOptions: { projectService: false, project: 'apps/shell/tsconfig.login.json' },
    },
  },
  {
    files: ['apps/microservice/src/**/*.ts'],
    ignores: [...SPECS, ...USERS_OF_THE_TIME_OF_DAY.map(file => `apps/microservice/src/${file}`)],
    rules: {
      'no-restricted-properties': [
        'error',
        {
          object: 'Date',
          property: 'now',
          message: 'The clock may be moved: measure with performance.now().',
        },
      ],
    },
  },
  {
    files: ['**/*.{ts,mjs}'],
    ignores: SPECS,
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: "CallExpression[callee.property.name='once'][arguments.0.value='error']",
          message: 'A second error would have no listener, and end the process: use on().',
        },
      ],
    },
  },
  ...layerRules(),
);

function focusedTests() {
  return ['describe', 'it', 'test'].map(object => ({
    object,
    property: 'only',
    message: 'A focused test hides the others.',
  }));
}

function layerRules() {
  return Object.entries(WORKSPACES).flatMap(([workspace, layers]) => {
    const isInside = folder => folder.startsWith(`${workspace}/`);
    const exclusive = Object.entries(ONLY_IN).filter(([folder]) => isInside(folder));
    const special = [...Object.keys(ONLY_IN), ...Object.keys(NEVER_IN)].filter(isInside);
    /** The last matching entry counts, so each has all rules of its folder. */
    const entry = folder => ({
      files: [`${folder}/**/*.ts`],
      rules: restrictedImports(workspace, layers, [
        ...exclusive
          .filter(([place]) => place !== folder)
          .map(([place, group]) => ({ group, message: `Only ${place} may import this.` })),
        ...(NEVER_IN[folder] ?? []).map(name => ({
          group: [name],
          message: `${folder} may not import this: see layers.json.`,
        })),
      ]),
    });
    const specs = [...new Set([...layers, 'testkit'])];
    return [
      entry(`${workspace}/src`),
      ...special.map(entry),
      {
        files: [`${workspace}/src/**/*.{spec,fixture}.ts`],
        rules: restrictedImports(workspace, specs, []),
      },
    ];
  });
}

function restrictedImports(workspace, layers, patterns) {
  const message = `${workspace} may import ${layers.join(', ') || 'nothing of ours'}: see layers.json.`;
  return {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          { regex: `^@remote-access/(?!(${layers.join('|') || 'none'})$)`, message },
          ...patterns,
        ],
      },
    ],
  };
}
