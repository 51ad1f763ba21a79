import { readFileSync } from 'node:fs';
import tseslint from 'typescript-eslint';

/** Which room may import which: the same table that test/unit/architecture checks. */
const rooms = JSON.parse(
  readFileSync(new URL('./test/unit/architecture/rooms.json', import.meta.url), 'utf8'),
);

const arrows = Object.entries(rooms).map(([room, allowed]) => {
  const forbidden = Object.keys(rooms).filter((other) => other !== room && !allowed.includes(other));
  const depth = room.split('/').length;
  const top = room.split('/')[0];
  // A file in src/session reaches src/wire as ../wire/…, and lab/verify as ../../lab/verify/….
  const group = forbidden.flatMap((other) => {
    const sibling = depth === 2 && other.startsWith(`${top}/`);
    return sibling ? [`../${other.slice(top.length + 1)}/*`] : [`${'../'.repeat(depth)}${other}/*`];
  });
  return {
    files: [`${room}/**/*.ts`],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ group, message: `${room} may import only: ${allowed.join(', ') || 'nothing'}.` }] },
      ],
    },
  };
});

export default tseslint.config(
  { ignores: ['node_modules', '.cache', '.lab', 'dist'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
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
    files: ['test/**/*.ts', 'e2e/**/*.ts'],
    rules: {
      // Jest's asymmetric matchers are typed as any.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  ...arrows,
);
