/** Matchers for Vitest: `import 'tcpcopy-lab/vitest'`, or name it in `setupFiles`. */
import { expect } from 'vitest';
import { toBeExact, toLeakNothing, type LabMatchers } from './matchers';

export type { LabMatchers } from './matchers';

expect.extend({ toBeExact, toLeakNothing });

declare module 'vitest' {
  // eslint-disable-next-line -- as Vitest has it
  interface Assertion<T = any> extends LabMatchers<void> {}
}
