/** Matchers for Jest: `import 'tcpcopy-lab/jest'`, or name it in `setupFilesAfterEnv`. */
import { expect } from '@jest/globals';
import { toBeExact, toLeakNothing, type LabMatchers } from './matchers';

export type { LabMatchers } from './matchers';

expect.extend({ toBeExact, toLeakNothing });

declare module '@jest/expect' {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- an interface is added to by an interface
  interface Matchers<R extends void | Promise<void>> extends LabMatchers<R> {}
}
