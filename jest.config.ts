/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';
import { availableParallelism } from 'node:os';
import { drawSeed } from './e2e/stage/draw';
import { leftOut } from './e2e/stage/drawn-files';

const shared = {
  testEnvironment: '<rootDir>/test/environment.mjs',
  runner: '<rootDir>/test/runner.mjs',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2023', experimental: { keepImportAttributes: true } } }],
  },
} satisfies Config;

/** Where no file is named (scripts/test). */
const isDrawn = process.env['DRAW_FILES'] !== undefined && process.env['DRAWN'] !== 'all';
const notDrawn = isDrawn ? leftOut(drawSeed) : [];

/** Suites are told apart by the folder they stand in; `e2e` needs a Docker engine, the others need nothing. */
const config: Config = {
  cacheDirectory: '.cache/jest',
  // For real labs beside others on a busy machine; no other suite comes near it.
  testTimeout: 300_000,
  // Of files on labs; others run in the background meanwhile (test/runner.mjs). Those on labs wait as much as they compute, and
  // yet no more than there are cores: what a lab promises in milliseconds it must be able to keep.
  maxWorkers: availableParallelism(),
  // Workers in the background are slow to end where labs have the cores.
  workerGracefulExitTimeout: 10_000,
  testSequencer: '<rootDir>/test/sequencer.mjs',
  reporters: ['default', ['<rootDir>/test/summary-reporter.mjs', { notDrawn, drawSeed }]],
  projects: [
    { ...shared, displayName: 'unit', testMatch: ['<rootDir>/test/unit/**/*.test.ts'] },
    { ...shared, displayName: 'sim', testMatch: ['<rootDir>/test/sim/**/*.test.ts'] },
    { ...shared, displayName: 'fuzz', testMatch: ['<rootDir>/test/fuzz/**/*.test.ts'] },
    {
      ...shared,
      displayName: 'e2e',
      testMatch: ['<rootDir>/e2e/**/*.test.ts'],
      testPathIgnorePatterns: notDrawn.map((file) => `<rootDir>/e2e/${file}[.]test[.]ts$`),
    },
  ],
};

export default config;
