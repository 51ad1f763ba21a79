import { dirname, join, relative } from 'node:path';
import tseslint from 'typescript-eslint';
import { mayImport, roomOf, rooms } from './test/unit/architecture/rooms.mjs';

const root = import.meta.dirname;

/** Which room may import which: by the same table that test/unit/architecture checks. */
const arrows = {
  create(context) {
    const file = relative(root, context.filename);
    const from = roomOf(file);
    const check = ({ source }) => {
      const specifier = source?.value;
      if (from === undefined || !specifier?.startsWith('.') || /\.(json|css)$/.test(specifier)) return;
      if (mayImport(file, join(dirname(file), specifier))) return;
      const allowed = rooms[from].join(', ') || 'nothing';
      context.report({ node: source, message: `${from} may import only: ${allowed}.` });
    };
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
    };
  },
};

export default tseslint.config(
  { ignores: ['node_modules', '.cache', '.lab', 'dist'] },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    plugins: { house: { rules: { arrows } } },
    rules: {
      'house/arrows': 'error',
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      'no-console': 'error',
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      // Node looks it up anew at each use: beside a load that is two percent of what a copied request costs.
      'no-restricted-globals': ['error', { name: 'performance', message: 'Import it from node:perf_hooks.' }],
    },
  },
  {
    files: ['test/**/*.ts', 'e2e/**/*.ts'],
    rules: {
      // Jest's asymmetric matchers are typed as any.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
);
