import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import eslint from '@eslint/js';
import angular from 'angular-eslint';
import { defineConfig } from 'eslint/config';
import typescript from 'typescript-eslint';

const ANGULAR = ['apps/{plugin,shell}/src'];
const SPECS = ['**/*.spec.ts', '**/*.fixture.ts', 'test/**/*.ts'];

/** Who may import whom; test/repo holds package.json and the TypeScript references to it too. */
const LAYERS = JSON.parse(readFileSync(join(import.meta.dirname, 'layers.json'), 'utf8'));

/** Where the parts that are large, or of one vendor, stay exchangeable: one folder knows each. */
const ONLY_THERE = {
  'apps/plugin/src/app/host': ['@c8y/*'],
  'apps/plugin/src/app/terminal': ['@xterm/*'],
  'apps/plugin/src/app/desktop': ['@novnc/*'],
};

export default defineConfig(
  { ignores: ['**/dist', '**/node_modules', '**/.angular', '.cache', '.stack', 'test-results'] },
  // Nothing is switched off from within a file: what a rule gets wrong is put right here.
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
      // Bytes below a space are what terminals and greetings are made of.
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
      // `return refuse(…)` out of a function without an answer is how a handler leaves early.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      // An empty variable of the environment or header counts as one that is absent.
      '@typescript-eslint/prefer-nullish-coalescing': [
        'error',
        { ignorePrimitives: { string: true } },
      ],
      // A module of Nest or Angular is its decorator.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/no-misused-spread': ['error', { allow: ['string'] }],
      // What comes from outside is looked at, also where a type promises more than the sender does.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // An index that was just compared with the length is there; the compiler cannot see it.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      '@typescript-eslint/no-invalid-void-type': 'off',
      // `readJson<Shape>()` tells a reader what to expect.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      // Fires on interfaces whose functions never use `this`.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
    },
  },
  {
    files: SPECS,
    rules: {
      'no-restricted-properties': ['error', ...focusedTests()],
      // Playwright reads from the pattern which fixtures one needs, and an empty one says none.
      'no-empty-pattern': ['error', { allowObjectPatternsAsParameters: true }],
      // A JSON answer is looked at field by field; an assertion is the check of its type.
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
      // The Web SDK of this version asks for what later ones deprecate.
      '@typescript-eslint/no-deprecated': 'off',
    },
  },
  {
    files: ANGULAR.map(folder => `${folder}/**/*.html`),
    extends: [angular.configs.templateRecommended, angular.configs.templateAccessibility],
  },
  // Read by the devkit, in no TypeScript project.
  { files: ['apps/*/*.config.ts'], extends: [typescript.configs.disableTypeChecked] },
  {
    // The sign-in page is built without Angular, by a TypeScript project of its own.
    files: ['apps/shell/src/login/**/*.ts'],
    languageOptions: {
      parserOptions: { projectService: false, project: 'apps/shell/tsconfig.login.json' },
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
  return Object.entries(LAYERS).flatMap(([folder, layers]) => {
    const exclusive = Object.entries(ONLY_THERE).filter(([place]) => place.startsWith(folder));
    const rule = (allowed, packages) => ({
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: `^@remote-access/(?!(${allowed.join('|') || 'none'})$)`,
              message: `${folder} may import ${allowed.join(', ') || 'nothing of ours'}: see layers.json.`,
            },
            ...packages.map(([place, group]) => ({ group, message: `Only ${place} knows this.` })),
          ],
        },
      ],
    });
    const specs = [...new Set([...layers, 'testkit'])];
    return [
      { files: [`${folder}/src/**/*.ts`], rules: rule(layers, exclusive) },
      ...exclusive.map(([place]) => ({
        files: [`${place}/**/*.ts`],
        rules: rule(
          layers,
          exclusive.filter(([other]) => other !== place),
        ),
      })),
      { files: [`${folder}/src/**/*.{spec,fixture}.ts`], rules: rule(specs, []) },
    ];
  });
}
