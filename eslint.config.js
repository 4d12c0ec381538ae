import tseslint from 'typescript-eslint';

// biome formats and does the fast rules; these need types, or count lines.
export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', 'coverage/**', '**/*.cjs', 'scripts/**', '*.js', '.cache/**'] },
  {
    files: ['src/**/*.ts', 'tests/**/*.ts', 'bench/**/*.ts', '*.ts'],
    extends: [tseslint.configs.base],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      'max-lines': ['error', { max: 500 }],
      'max-lines-per-function': ['warn', { max: 60, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/**/*.test.ts'],
    rules: { 'no-restricted-globals': ['error', { name: 'console', message: 'only cli/ prints' }] },
  },
  { files: ['src/cli/**/*.ts', 'src/main.ts'], rules: { 'no-restricted-globals': 'off' } },
  {
    files: ['**/*.test.ts', 'bench/**/*.ts', 'tests/**/*.ts'],
    rules: {
      'max-lines-per-function': 'off',
      'no-restricted-properties': [
        'error',
        { object: 'vi', property: 'mock', message: 'use a real fake, not a module mock' },
      ],
    },
  },
);
